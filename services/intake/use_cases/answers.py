"""The first answer under an idempotency key or webhook id is the only one (reliability P9)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.petition import NextStep, Receipt
from services.intake.store.answers import ANSWER, answer_under
from services.intake.use_cases.desk import Desk
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import DomainError

_FIELD = "answer"


class IdempotencyMismatch(DomainError):
    """The key was used before for another request."""

    code = "idempotency_mismatch"


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A caller's key for one request: digests only, so that nothing of either is stored."""

    key: str
    request: str

    @classmethod
    def of(cls, desk: Desk, *, caller: str, key: str, body: bytes) -> RequestKey:
        """`caller` keeps two callers with the same key apart."""
        return cls(desk.digest("key", caller, key), sha256(body).hexdigest())


def keep_answer(uow: UnitOfWork, desk: Desk, request: RequestKey, receipt: Receipt) -> None:
    """Keep this receipt under the key with the rest of the unit; a key that is taken refuses the
    whole unit (IntegrityError), a concurrent twin waits for the first one's end."""
    uow.add(
        ANSWER,
        {
            "key": request.key,
            "request": request.request,
            "answer": _locked(desk, request, receipt),
            "stored_at": uow.clock.now(),
        },
    )


async def kept_answer(session: AsyncSession, desk: Desk, request: RequestKey) -> Receipt | None:
    """The receipt kept under the key, None when the key is free. Raises IdempotencyMismatch."""
    kept = await answer_under(session, request.key)
    if kept is None:
        return None
    if kept.request != request.request:
        raise IdempotencyMismatch("同一个幂等键已用于另一份请求")
    return _read(desk.cipher.decrypt(kept.answer, owner=request.key, field=_FIELD))


def _locked(desk: Desk, request: RequestKey, receipt: Receipt) -> str:
    text = json.dumps(asdict(receipt), ensure_ascii=False, default=_iso)
    return desk.cipher.encrypt(text, owner=request.key, field=_FIELD)


def _read(text: str) -> Receipt:
    value = json.loads(text)
    return Receipt(
        number=value["number"],
        query_code=value["query_code"],
        received_on=date.fromisoformat(value["received_on"]),
        registered_at=datetime.fromisoformat(value["registered_at"]),
        next_steps=tuple(
            NextStep(step["what"], date.fromisoformat(step["by"]), step["article"])
            for step in value["next_steps"]
        ),
    )


def _iso(value: date) -> str:
    return value.isoformat()
