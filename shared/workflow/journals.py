"""Journals in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.unit_of_work import UnitOfWork
from shared.workflow.entities import Entity
from shared.workflow.journal import Done
from shared.workflow.tables import WorkflowTables

_NOT_OF_DONE: Final = frozenset(("act", "done_on", "done_at", "organ_code", "proposed_by"))


def add_fresh(
    uow: UnitOfWork, tables: WorkflowTables, entity: Entity, *, proposed_by: str | None = None
) -> None:
    """Store the acts done since the entity was loaded."""
    now = uow.clock.now()
    plain = [
        column.name
        for column in tables.journal.c
        if column.name not in _NOT_OF_DONE and column.name != tables.key
    ]
    for done in entity.journal.fresh:
        own = {name: getattr(done, name) for name in plain}
        uow.add(
            tables.journal,
            own
            | {
                tables.key: entity.entity_id,
                "act": str(done.act),
                "done_on": done.on,
                "organ_code": done.organ,
                "done_at": now,
                "proposed_by": proposed_by,
            },
        )


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
