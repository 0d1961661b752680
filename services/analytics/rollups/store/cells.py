"""Roll-ups per cell and the histogram of days to answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, Index, Integer, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts.store import CELL
from services.analytics.registry.domain.measures import NAMES
from services.analytics.registry.domain.period import Period
from services.analytics.registry.store import dimension_columns, measure_columns
from services.analytics.rollups.domain.cells import RollupChange
from services.analytics.sources.store import slices
from services.analytics.tables import METADATA
from shared.db.many import OnConflict, insert_many

HISTOGRAM = ("division_code", "organ_code", "category_code", "channel")
"""Columns of dimensions by which days to answer are kept: those that can be filtered by."""

COUNT = Table(
    "count_by_cell",
    METADATA,
    Column("received_on", Date, primary_key=True),
    *dimension_columns(key=True),
    *measure_columns(),
    Index("ix_count_by_cell_division", "division_code", "received_on"),
)
"""Sums of all measures per cell. A cell without items has no row."""

ANSWER_DAYS = Table(
    "answer_days",
    METADATA,
    Column("received_on", Date, primary_key=True),
    *dimension_columns(key=True, only=HISTOGRAM),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("items", Integer, nullable=False),
    Index("ix_answer_days_division", "division_code", "received_on"),
)
"""Histogram of whole days from receipt to answer."""

DAYS_KEY = ("received_on", *HISTOGRAM, "days")


async def apply_change(session: AsyncSession, change: RollupChange) -> None:
    """Add a change to the roll-ups, cells in ascending order, and remove cells left empty."""
    cells: list[dict[str, Any]] = [
        {name: getattr(cell, name) for name in CELL} | sums for cell, sums in change.touched()
    ]
    if cells:
        await insert_many(session, COUNT, cells, conflict=OnConflict(CELL, added=NAMES))
        await _remove_empty(session, COUNT, cells)
    days: list[dict[str, Any]] = [
        dict(zip(DAYS_KEY, key, strict=True)) | {"items": items}
        for key, items in change.touched_days()
    ]
    if days:
        counted = OnConflict(DAYS_KEY, added=("items",))
        await insert_many(session, ANSWER_DAYS, days, conflict=counted)
        await _remove_empty(session, ANSWER_DAYS, days)


async def span(session: AsyncSession) -> tuple[date, date] | None:
    """First and last day of receipt in the roll-ups, None when there is nothing."""
    ends = select(func.min(COUNT.c.received_on), func.max(COUNT.c.received_on))
    first, last = (await session.execute(ends)).one()
    return None if first is None else (first, last)


async def clear(session: AsyncSession, period: Period | None = None) -> None:
    """Delete the roll-ups of a period, without one all."""
    for table in (COUNT, ANSWER_DAYS):
        within = [table.c.received_on.between(period.first, period.last)] if period else []
        await session.execute(delete(table).where(*within))


async def _remove_empty(
    session: AsyncSession, table: Table, changes: Sequence[dict[str, Any]]
) -> None:
    shrunk = {change["received_on"] for change in changes if change["items"] < 0}
    for some in slices(sorted(shrunk)):
        await session.execute(
            delete(table).where(table.c.received_on.in_(some), table.c["items"] == 0)
        )
