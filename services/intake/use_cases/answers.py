"""The first answer under an idempotency key or webhook id is the only one (reliability P9)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.petition import Receipt
from services.intake.store.answers import ANSWER, answer_under
from services.intake.use_cases.desk import Desk
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import DomainError

_FIELD = "answer"
_RECEIPT = TypeAdapter(Receipt)


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
    opened = desk.cipher.decrypt(kept.answer, owner=request.key, field=_FIELD)
    return _RECEIPT.validate_json(opened)


def _locked(desk: Desk, request: RequestKey, receipt: Receipt) -> str:
    text = _RECEIPT.dump_json(receipt).decode()
    return desk.cipher.encrypt(text, owner=request.key, field=_FIELD)
