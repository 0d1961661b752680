"""Petitions as counted, and the roll-ups that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts.domain import Cell, Fact
from services.analytics.rollups.domain.cells import FIGURES, Change
from services.analytics.sources.store import slices
from services.analytics.tables import CountRow, DaysRow, FactRow
from shared.db.many import OnConflict, insert_many, one_of

FACT: Table = FactRow.__table__  # type: ignore[attr-defined]
COUNT: Table = CountRow.__table__  # type: ignore[attr-defined]
DAYS: Table = DaysRow.__table__  # type: ignore[attr-defined]

CELL = tuple(field.name for field in fields(Cell))
OWN = tuple(field.name for field in fields(Fact) if field.name != "cell")
DAYS_KEY = ("received_on", "division_code", "organ_code", "category_code", "channel", "days")


async def facts_of(session: AsyncSession, petition_ids: Iterable[UUID]) -> dict[UUID, Fact]:
    """These petitions as they are counted now."""
    found: dict[UUID, Fact] = {}
    for ids in slices(petition_ids):
        for row in await session.execute(
            select(FACT).where(one_of(session, FACT.c.petition_id, ids))
        ):
            found[row.petition_id] = _fact(row)
    return found


async def facts_between(session: AsyncSession, first: date, last: date) -> list[Fact]:
    """All petitions received on these days, both included."""
    found = await session.execute(select(FACT).where(FACT.c.received_on.between(first, last)))
    return [_fact(row) for row in found]


async def save_facts(session: AsyncSession, facts: Iterable[tuple[UUID, Fact]]) -> None:
    """Write petitions as they are counted from now on."""
    rows = [
        {"petition_id": petition_id}
        | {name: getattr(fact.cell, name) for name in CELL}
        | {name: getattr(fact, name) for name in OWN}
        for petition_id, fact in sorted(facts, key=lambda pair: pair[0])
    ]
    replacing = OnConflict(("petition_id",), replaced=(*CELL, *OWN))
    await insert_many(session, FACT, rows, conflict=replacing)


async def apply_change(session: AsyncSession, change: Change) -> None:
    """Add a change to the roll-ups, cells in ascending order, and remove cells left empty."""
    cells: list[dict[str, Any]] = [
        {name: getattr(cell, name) for name in CELL} | figures for cell, figures in change.touched()
    ]
    if cells:
        await insert_many(session, COUNT, cells, conflict=OnConflict(CELL, added=FIGURES))
        await _remove_empty(session, COUNT, cells)
    days: list[dict[str, Any]] = [
        dict(zip(DAYS_KEY, key, strict=True)) | {"items": items}
        for key, items in change.touched_days()
    ]
    if days:
        await insert_many(session, DAYS, days, conflict=OnConflict(DAYS_KEY, added=("items",)))
        await _remove_empty(session, DAYS, days)


async def span(session: AsyncSession) -> tuple[date, date] | None:
    """First and last day of receipt in facts or roll-ups, None when there is nothing."""
    found: list[date] = []
    for table in (FACT, COUNT):
        ends = select(func.min(table.c.received_on), func.max(table.c.received_on))
        found += [day for day in (await session.execute(ends)).one() if day is not None]
    return (min(found), max(found)) if found else None


async def how_many(session: AsyncSession) -> int:
    """Number of petitions counted."""
    return await session.scalar(select(func.count()).select_from(FACT)) or 0


async def clear(session: AsyncSession) -> None:
    """Forget all facts and roll-ups."""
    for table in (FACT, COUNT, DAYS):
        await session.execute(delete(table))


async def _remove_empty(
    session: AsyncSession, table: Table, changes: Sequence[dict[str, Any]]
) -> None:
    shrunk = {change["received_on"] for change in changes if change["items"] < 0}
    for some in slices(sorted(shrunk)):
        await session.execute(
            delete(table).where(table.c.received_on.in_(some), table.c["items"] == 0)
        )


def _fact(row: Any) -> Fact:
    cell = Cell(**{name: getattr(row, name) for name in CELL})
    return Fact(cell=cell, **{name: getattr(row, name) for name in OWN})
