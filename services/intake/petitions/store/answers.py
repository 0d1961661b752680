"""First answers kept under a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.petitions.store.tables import StoredAnswer

ANSWER: Table = StoredAnswer.__table__  # type: ignore[attr-defined]


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


async def forget(session: AsyncSession, *, before: datetime) -> int:
    """Remove what is past its keeping time; how many rows went."""
    gone = await session.execute(
        delete(ANSWER).where(ANSWER.c.stored_at < before).returning(ANSWER.c.key)
    )
    return len(gone.all())
