"""First answers, kept under the digest of the key of their request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What is stored under a key: the request's digest, and its answer."""

    request: str
    answer: str


async def answer_under(session: AsyncSession, table: Table, key: str) -> StoredAnswer | None:
    """What is kept under a key."""
    found = await session.execute(select(table.c.request, table.c.answer).where(table.c.key == key))
    row = found.one_or_none()
    return StoredAnswer(*row) if row else None


async def forget_answers(session: AsyncSession, table: Table, *, before: datetime) -> int:
    """Remove what is past its keeping time; how many rows went."""
    gone = await session.execute(
        delete(table).where(table.c.stored_at < before).returning(table.c.key)
    )
    return len(gone.all())
