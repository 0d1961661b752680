"""The gate: one row locked by whoever changes the figures, holding the rules they follow."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.tables import TABLES
from shared.db.engine import insert_into

META = TABLES.meta
KEY = "counting_rules"


async def ensure(session: AsyncSession, edition: str) -> None:
    """Make the row if there is none: figures of an empty database follow these rules."""
    statement = insert_into(session, META).values(key=KEY, value=edition)
    await session.execute(statement.on_conflict_do_nothing())


async def enter(session: AsyncSession) -> bool:
    """Lock the gate for this transaction; False when somebody else has it (a rebuild).

    Where the engine has one writer anyway this is only a read."""
    found = await session.scalar(
        select(META.c.value).where(META.c.key == KEY).with_for_update(skip_locked=True)
    )
    return found is not None


async def rules_in_use(session: AsyncSession) -> str | None:
    """The edition of the counting rules by which the stored figures were counted."""
    return await session.scalar(select(META.c.value).where(META.c.key == KEY))


async def root_division(session: AsyncSession) -> str:
    """The root division noted when the database was migrated, empty when none was."""
    found = await session.scalar(select(META.c.value).where(META.c.key == "root_division"))
    return found or ""


async def adopt(session: AsyncSession, edition: str) -> None:
    """Note that all figures were counted anew by these rules."""
    await session.execute(META.update().where(META.c.key == KEY).values(value=edition))
