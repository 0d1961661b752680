"""First answers kept under a key, and wrong query codes counted under a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.store.tables import StoredAnswer, WrongTry
from shared.db.engine import insert_into

ANSWER: Table = StoredAnswer.__table__  # type: ignore[attr-defined]
TRY: Table = WrongTry.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What is stored under a key: digest of the request, encrypted answer."""

    request: str
    answer: str


async def claim_key(
    session: AsyncSession, key: str, *, request: str, answer: str, now: datetime
) -> KeptAnswer | None:
    """Take a key for this request; None when it was free, else what it holds.

    A concurrent twin waits here until the first one has committed or failed.
    """
    taken = await session.scalar(
        insert_into(session, ANSWER)
        .values(key=key, request=request, answer=answer, stored_at=now)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(ANSWER.c.key)
    )
    if taken is not None:
        return None
    found = await session.execute(
        select(ANSWER.c.request, ANSWER.c.answer).where(ANSWER.c.key == key)
    )
    return KeptAnswer(*found.one())


async def replace_answer(session: AsyncSession, key: str, *, answer: str) -> None:
    """Put another answer under a key this transaction has just taken."""
    await session.execute(update(ANSWER).where(ANSWER.c.key == key).values(answer=answer))


async def wrong_tries(session: AsyncSession, key: str) -> tuple[int, datetime] | None:
    """How often, and when last, a wrong code was given for a number."""
    found = await session.execute(select(TRY.c.tries, TRY.c.last_at).where(TRY.c.key == key))
    row = found.one_or_none()
    return (row.tries, row.last_at) if row else None


async def note_wrong_try(session: AsyncSession, key: str, *, now: datetime) -> None:
    """Count one wrong code."""
    statement = insert_into(session, TRY).values(key=key, tries=1, last_at=now)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"], set_={"tries": TRY.c.tries + 1, "last_at": now}
        )
    )


async def forget(session: AsyncSession, *, tries_before: datetime, answers_before: datetime) -> int:
    """Remove what is past its keeping time; how many rows went."""
    tries = await session.execute(
        delete(TRY).where(TRY.c.last_at < tries_before).returning(TRY.c.key)
    )
    answers = await session.execute(
        delete(ANSWER).where(ANSWER.c.stored_at < answers_before).returning(ANSWER.c.key)
    )
    return len(tries.all()) + len(answers.all())
