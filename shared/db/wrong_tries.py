"""Wrong codes as the release before counted them, thing by thing.

Nothing is counted here any more: a wait per thing let anybody keep its owner out (decision 0045).
The table stays for one release, for processes of the release before that run beside this one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, MetaData, String, Table, delete
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.types import UtcDateTime

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


async def forget_tries(session: AsyncSession, table: Table, *, now: datetime) -> int:
    """Remove what is older than a day; how many rows went."""
    old = table.c.last_at < now - FORGOTTEN_AFTER
    gone = await session.execute(delete(table).where(old).returning(table.c.key))
    return len(gone.all())
