"""Wrong codes counted, so that guessing slows down and mistyping does not (security table S6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, MetaData, String, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.engine import insert_into
from shared.db.types import UtcDateTime
from shared.db.unit_of_work import Cause, UnitOfWorkFactory
from shared.kernel.errors import TooOften

FREE_TRIES = 5
"""Wrong codes without a wait: people mistype."""
LONGEST_WAIT = timedelta(seconds=60)
"""The code has 100 random bits; a longer wait would only lock its holder out."""
FORGOTTEN_AFTER = timedelta(days=1)


def wrong_try_table(metadata: MetaData) -> Table:
    """Wrong codes per thing they should open (`key` is a digest), known or not."""
    return Table(
        "wrong_try",
        metadata,
        Column("key", String(64), primary_key=True),
        Column("tries", Integer, nullable=False),
        Column("last_at", UtcDateTime(), nullable=False, index=True),
    )


def waits_until(tries: int, last_at: datetime) -> datetime:
    """The instant from which the next try is looked at: 1, 2, 4 … seconds after the last one."""
    over = tries - FREE_TRIES
    if over < 0:
        return last_at
    return last_at + min(timedelta(seconds=2 ** min(over, 10)), LONGEST_WAIT)


async def check_wait(session: AsyncSession, table: Table, key: str, *, now: datetime) -> None:
    """Raises TooOften while the next code for a thing has to wait."""
    found = await session.execute(select(table.c.tries, table.c.last_at).where(table.c.key == key))
    row = found.one_or_none()
    if row is not None and now < waits_until(row.tries, row.last_at):
        raise TooOften("尝试过于频繁，请稍后再试")


async def note_wrong_try(units: UnitOfWorkFactory, table: Table, key: str, cause: Cause) -> None:
    """Count one wrong code, in a transaction of its own: the answer is a refusal."""
    async with units.begin(cause) as uow:
        now = uow.clock.now()
        statement = insert_into(uow.session, table).values(key=key, tries=1, last_at=now)
        await uow.session.execute(
            statement.on_conflict_do_update(
                index_elements=["key"], set_={"tries": table.c.tries + 1, "last_at": now}
            )
        )


async def forget_tries(session: AsyncSession, table: Table, *, now: datetime) -> int:
    """Remove what is older than a day; how many rows went."""
    old = table.c.last_at < now - FORGOTTEN_AFTER
    gone = await session.execute(delete(table).where(old).returning(table.c.key))
    return len(gone.all())
