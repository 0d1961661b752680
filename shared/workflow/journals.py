"""Journals in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.unit_of_work import UnitOfWork
from shared.workflow.entities import Entity
from shared.workflow.journal import Done
from shared.workflow.tables import WorkflowTables


def add_fresh(
    uow: UnitOfWork, tables: WorkflowTables, entity: Entity, *, proposed_by: str | None = None
) -> None:
    """Store the acts done since the entity was loaded."""
    more = {tables.key: entity.entity_id, "done_at": uow.clock.now(), "proposed_by": proposed_by}
    uow.add(tables.journal, *(values_of(done, tables) | more for done in entity.journal.fresh))


def values_of(done: Done, tables: WorkflowTables) -> dict[str, Any]:
    """Columns of a journal, without entity, instant and proposer."""
    own = {c.name: getattr(done, c.name) for c in tables.journal.c if hasattr(done, c.name)}
    return own | {"act": str(done.act), "done_on": done.on, "organ_code": done.organ}


async def acts_of(
    session: AsyncSession, tables: WorkflowTables, entity_id: UUID, act: Callable[[str], Any]
) -> list[Done]:
    """The acts of an entity, oldest first."""
    table = tables.journal
    query = select(table).where(table.c[tables.key] == entity_id).order_by(table.c.ordinal)
    return [
        Done(row.ordinal, act(row.act), row.done_on, row.organ_code, row.person, data=row.data)
        for row in await session.execute(query)
    ]
