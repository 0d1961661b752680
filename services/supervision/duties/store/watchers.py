"""Watchers' signs of life, and the database's own clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.tables import WatcherRow, table_of
from shared.db.engine import DATABASE_NOW, insert_into
from shared.db.types import UtcDateTime

WATCHER = table_of(WatcherRow)
FORGOTTEN_AFTER = timedelta(days=1)


async def database_now(session: AsyncSession) -> datetime:
    """The database's clock, to the second on some engines; first statement of a transaction."""
    # A rule decides nothing by it: it is only compared with the clock port (DL13).
    now: datetime | None = await session.scalar(select(DATABASE_NOW))
    if now is None:
        raise RuntimeError("the database has no clock")
    return now


async def beat(
    session: AsyncSession, name: str, *, at: datetime, fired: int, late_seconds: float
) -> None:
    """Write one watcher's sign of life and forget those long gone."""
    values = {"beat_at": at, "fired": fired, "late_seconds": late_seconds}
    await session.execute(
        insert_into(session, WATCHER)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )
    await session.execute(delete(WATCHER).where(WATCHER.c.beat_at < at - FORGOTTEN_AFTER))


async def last_beat(session: AsyncSession) -> datetime | None:
    """The newest sign of life of any watcher."""
    newest: datetime | None = await session.scalar(
        select(func.max(WATCHER.c.beat_at, type_=UtcDateTime()))
    )
    return newest
