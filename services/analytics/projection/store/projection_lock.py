"""One row of `meta`: whoever changes figures locks it, and it holds the projection's state."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts.store import span
from services.analytics.projection.domain import NOT_BEGUN, ProjectionState
from services.analytics.registry.domain.definition import definition
from services.analytics.tables import TABLES
from shared.db.engine import insert_into

META = TABLES.meta
KEY = "projection"
LOCK_BEFORE = "counting_rules"
"""Key of the row that the release before locks. While it is missing that release, still running
during an upgrade, leaves events to this one; it makes the row when it starts."""


async def acquire(session: AsyncSession) -> ProjectionState | None:
    """Lock the row for this transaction and read it; None while somebody else has it (a rebuild).

    Where the engine has one writer anyway this is only a read."""
    found = await session.scalar(
        select(META.c.value).where(META.c.key == KEY).with_for_update(skip_locked=True)
    )
    return None if found is None else ProjectionState.of_text(found)


async def read_state(session: AsyncSession) -> ProjectionState:
    """The state as last committed."""
    found = await session.scalar(select(META.c.value).where(META.c.key == KEY))
    return ProjectionState.of_text(found or _unknown().to_text())


async def was_made_before(session: AsyncSession) -> bool:
    """Whether the release before has been started on this database again."""
    found = await session.scalar(select(META.c.key).where(META.c.key == LOCK_BEFORE))
    return found is not None


async def save_state(session: AsyncSession, state: ProjectionState) -> None:
    """Write the state. The caller holds the lock."""
    await session.execute(META.update().where(META.c.key == KEY).values(value=state.to_text()))


async def begin(session: AsyncSession) -> ProjectionState | None:
    """Acquire, and where the figures were counted by another definition note that counting anew
    begins. Figures of an empty database follow this program's definition.

    Where the release before has been running again, its facts and cells were changed without
    documents: all is counted anew."""
    new = ProjectionState(definition()) if await span(session) is None else _unknown()
    made = insert_into(session, META).values(key=KEY, value=new.to_text())
    await session.execute(made.on_conflict_do_nothing())
    state = await acquire(session)
    if state is None:
        return None
    old = state
    removed = await session.execute(
        delete(META).where(META.c.key == LOCK_BEFORE).returning(META.c.key)
    )
    if removed.all():
        state = replace(state, definition=replace(state.definition, facts="", rollups=""))
    state = state.adopted(definition())
    if state != old:
        await save_state(session, state)
    return state


async def root_division(session: AsyncSession) -> str:
    """The root division noted when the database was migrated, empty when none was."""
    found = await session.scalar(select(META.c.value).where(META.c.key == "root_division"))
    return found or ""


def _unknown() -> ProjectionState:
    """The state of figures of which nothing is known."""
    nothing = replace(definition(), rules="", sources="", facts="", rollups="")
    return ProjectionState(nothing, counted_from=NOT_BEGUN, facts_hold=False)
