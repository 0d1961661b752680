"""The same sums of a month counted by every way there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Result,
    Select,
    String,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts.store import FACT
from services.analytics.registry.domain.definition import definition
from services.analytics.registry.domain.measures import MEASURES, NAMES
from services.analytics.registry.domain.period import Period
from services.analytics.rollups.domain.documents import totals_by_kind
from services.analytics.rollups.store.cells import COUNT
from services.analytics.rollups.store.documents import DOCUMENT


async def sums_all_ways(
    session: AsyncSession, month: Period
) -> tuple[Mapping[str, int], dict[str, Mapping[str, int]]]:
    """The sums of a month counted from the facts, and by every other way: summed from the cells and
    from each kind of document. One statement, so all are of one moment."""
    within = (month.first, month.last)
    counts: list[ColumnElement[int]] = [literal_column(each.sql_count) for each in MEASURES]
    counted = (func.coalesce(func.sum(each), 0) for each in counts)
    from_facts = select(literal("facts"), literal(""), *counted).where(
        FACT.c.received_on.between(*within)
    )
    added = (func.coalesce(func.sum(COUNT.c[name]), 0) for name in NAMES)
    from_cells = select(literal("cells"), literal(""), *added).where(
        COUNT.c.received_on.between(*within)
    )
    statement: Any = union_all(from_facts.select_from(FACT), from_cells, _documents(month))
    found: Result[Any] = await session.execute(statement)
    texts: list[tuple[str, str]] = []
    sums_of: dict[str, Mapping[str, int]] = {}
    for way, text, *sums in map(tuple, found):
        if text:
            texts.append((way, text))
        else:
            sums_of[way] = dict(zip(NAMES, map(int, sums), strict=True))
    facts = sums_of.pop("facts")
    return facts, sums_of | totals_by_kind(texts)


def _documents(month: Period) -> Select[Any]:
    """All documents of a month as rows: (kind of document, text, zeros)."""
    kind = func.length(DOCUMENT.c.division).op("||", return_type=String)(DOCUMENT.c.grain)
    return select(kind, DOCUMENT.c.document, *(literal(0) for _ in NAMES)).where(
        DOCUMENT.c.first_day.between(month.first, month.last),
        DOCUMENT.c.definition == definition().rollups,
    )
