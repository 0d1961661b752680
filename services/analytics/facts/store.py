"""Petitions as they are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Table, Uuid, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.registry.domain.dimensions import Cell
from services.analytics.registry.domain.measures import ATTRIBUTES, Fact
from services.analytics.registry.domain.period import Period
from services.analytics.registry.store import attribute_columns, dimension_columns
from services.analytics.sources.store import slices
from services.analytics.tables import METADATA
from shared.db.engine import partial_index
from shared.db.many import OnConflict, insert_many, one_of

FACT = Table(
    "petition_fact",
    METADATA,
    Column("petition_id", Uuid, primary_key=True),
    Column("received_on", Date, nullable=False, index=True),
    *dimension_columns(key=False),
    *attribute_columns(),
)
"""One petition as it is counted now: exactly what the roll-ups hold of it."""
partial_index("ix_petition_fact_hidden", "hidden_from IS NOT NULL", FACT.c.hidden_from)

CELL = tuple(each.name for each in fields(Cell))


async def facts_of(session: AsyncSession, petition_ids: Iterable[UUID]) -> dict[UUID, Fact]:
    """These petitions as they are counted now."""
    found: dict[UUID, Fact] = {}
    for ids in slices(petition_ids):
        for row in await session.execute(
            select(FACT).where(one_of(session, FACT.c.petition_id, ids))
        ):
            found[row.petition_id] = fact_of_row(row)
    return found


async def facts_between(session: AsyncSession, period: Period) -> dict[UUID, Fact]:
    """All petitions received in a period."""
    within = FACT.c.received_on.between(period.first, period.last)
    rows = await session.execute(select(FACT).where(within))
    return {row.petition_id: fact_of_row(row) for row in rows}


async def save_facts(session: AsyncSession, facts: Iterable[tuple[UUID, Fact]]) -> None:
    """Write petitions as they are counted from now on."""
    rows = [
        {"petition_id": petition_id}
        | {name: getattr(fact.cell, name) for name in CELL}
        | {name: getattr(fact, name) for name in ATTRIBUTES}
        for petition_id, fact in sorted(facts, key=lambda pair: pair[0])
    ]
    replacing = OnConflict(("petition_id",), replaced=(*CELL, *ATTRIBUTES))
    await insert_many(session, FACT, rows, conflict=replacing)


async def span(session: AsyncSession) -> tuple[date, date] | None:
    """First and last day of receipt, None when nothing is counted."""
    ends = select(func.min(FACT.c.received_on), func.max(FACT.c.received_on))
    first, last = (await session.execute(ends)).one()
    return None if first is None else (first, last)


async def how_many(session: AsyncSession) -> int:
    """Number of petitions counted."""
    return await session.scalar(select(func.count()).select_from(FACT)) or 0


async def clear(session: AsyncSession) -> None:
    """Delete all facts."""
    await session.execute(delete(FACT))


def fact_of_row(row: Any) -> Fact:
    """The fact in a row."""
    cell = Cell(**{name: getattr(row, name) for name in CELL})
    return Fact(cell=cell, **{name: getattr(row, name) for name in ATTRIBUTES})
