"""First answers kept under a key, and wrong query codes counted under a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, select
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


async def answer_under(session: AsyncSession, key: str) -> KeptAnswer | None:
    """What is kept under a key."""
    found = await session.execute(
        select(ANSWER.c.request, ANSWER.c.answer).where(ANSWER.c.key == key)
    )
    row = found.one_or_none()
    return KeptAnswer(*row) if row else None


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
