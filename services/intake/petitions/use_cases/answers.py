"""The first answer under an idempotency key or webhook id is the only one (reliability P9)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.desk.use_cases import Desk
from services.intake.petitions.domain.petition import Receipt
from services.intake.petitions.store.answers import ANSWER, answer_under
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import DomainError
from shared.web.security import Caller

ANONYMOUS = "anonymous"
_FIELD = "answer"
_RECEIPT = TypeAdapter(Receipt)


class IdempotencyMismatch(DomainError):
    """The key was used before for another request."""

    code = "idempotency_mismatch"


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A caller's key for one request: digests only, so that nothing of either is stored.

    `earlier` makes the digests that releases before would have stored for the same request; it is
    called only where an answer is kept under the key."""

    key: str
    request: str
    earlier: Callable[[], Collection[str]]

    @classmethod
    def of(
        cls,
        desk: Desk,
        *,
        space: str,
        key: str,
        route: str,
        body: bytes,
        earlier: Callable[[], Collection[str]],
    ) -> RequestKey:
        """`space` keeps two callers with the same key apart; `body` are the bytes as they came, so
        that no release reads another request out of them."""
        return cls(
            desk.digest("key", space, key),
            sha256(f"{route}\n".encode() + body).hexdigest(),
            earlier,
        )


def space_of(caller: Caller) -> str:
    """Where a caller's keys are: each person has a space, everybody without a login share one.

    In the shared one the key is the secret: whoever shows it with the same body gets the receipt,
    so a client must draw it at random. No account is named so that its keys lie in the shared space
    or in a partner's."""
    if caller.is_anonymous:
        return ANONYMOUS
    person = caller.person
    is_odd = person == ANONYMOUS or person.startswith(("partner:", "person:")) or "\n" in person
    return f"person:{json.dumps(person)}" if is_odd else person


def space_of_partner(name: str) -> str:
    """Where a partner's webhook ids are."""
    return f"partner:{name}"


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
    if kept.request != request.request and kept.request not in request.earlier():
        raise IdempotencyMismatch("同一个幂等键已用于另一份请求")
    opened = desk.cipher.decrypt(kept.answer, owner=request.key, field=_FIELD)
    return _RECEIPT.validate_json(opened)


def _locked(desk: Desk, request: RequestKey, receipt: Receipt) -> str:
    text = _RECEIPT.dump_json(receipt).decode()
    return desk.cipher.encrypt(text, owner=request.key, field=_FIELD)
