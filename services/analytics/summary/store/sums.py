"""Sums for a period: one statement, so all its figures are of one moment.

On a server each statement sees the newest commit, so documents, cells and petitions to be left out
are read by one UNION; a document, or a petition, is the key of its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Result,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts.store import FACT
from services.analytics.registry.domain.definition import definition
from services.analytics.registry.domain.dimensions import (
    BY_NAME,
    DAYS,
    NO,
    SHOWN,
    SUBSETS,
    TOTAL,
    YES,
    Dimension,
    Subset,
)
from services.analytics.registry.domain.measures import MEASURES, NAMES, SIZES
from services.analytics.rollups.domain.documents import DAY, MONTH, RollupDocument, SummedRow
from services.analytics.rollups.store.cells import ANSWER_DAYS, COUNT
from services.analytics.rollups.store.documents import DOCUMENT
from services.analytics.summary.domain.plan import RollupPlan, plan_of
from services.analytics.summary.domain.query import SummaryQuery, Visibility
from services.analytics.summary.store.hidden import HIDDEN, rows_to_hide, subtracted

DOCUMENTS = "documents"
"""Split of the rows that hold a document."""
Conditions = Callable[[Table], Iterator[ColumnElement[bool]]]


class ReadFrom(Enum):
    """The tables a summary may be read from: what is counted by this program's definition."""

    DOCUMENTS = "documents"
    CELLS = "cells"
    FACTS = "facts"


async def summed(
    session: AsyncSession,
    query: SummaryQuery,
    *,
    divisions: tuple[str, str] | None,
    visible: Visibility,
    root: tuple[str, str],
    read_from: ReadFrom,
) -> list[SummedRow]:
    """All rows a summary is assembled from, without what is hidden from the reader. `divisions`
    bounds the division codes asked for, both included, `root` those of the deployment; rows outside
    `visible` don't exist for it."""

    def conditions(table: Table) -> Iterator[ColumnElement[bool]]:
        return _conditions(table, query, divisions, visible)

    plan = None
    if read_from is ReadFrom.DOCUMENTS:
        plan = plan_of(query, asked=divisions, visible=visible, root=root)
    if plan is not None:
        statements = [_documents(plan)]
        if plan.cells or plan.others:
            statements += _splits(_cells(_rest_of(plan, query, root)), _rest_of(plan, query, root))
    elif read_from is ReadFrom.FACTS:
        statements = _splits(_facts(conditions), conditions)
    else:
        statements = _splits(_cells(conditions), conditions)
    if visible.above:
        statements.append(rows_to_hide(visible.above, conditions(FACT)))
    found: Result[Any] = await session.execute(union_all(*statements))
    documents = RollupDocument()
    rows: list[SummedRow] = []
    for split, key, *sums in map(tuple, found):
        if split == DOCUMENTS:
            documents.merge(RollupDocument.of_text(key))
        elif split == HIDDEN:
            rows += subtracted(key)
        else:
            rows.append(SummedRow(split, key, dict(zip(NAMES, map(int, sums), strict=True))))
    return [*rows, *documents.rows()]


def _cells(conditions: Conditions) -> CTE:
    columns = [COUNT.c[each.column] for each in SHOWN] + [COUNT.c[name] for name in NAMES]
    return select(*columns).where(*conditions(COUNT)).cte("cells")


def _facts(conditions: Conditions) -> CTE:
    """The same columns counted from the facts, one row per petition."""
    columns: list[ColumnElement[Any]] = [FACT.c[each.column] for each in SHOWN]
    columns += [literal_column(each.sql_count).label(each.name) for each in MEASURES]
    return select(*columns).where(*conditions(FACT)).cte("cells")


def _splits(cells: CTE, conditions: Conditions) -> list[Select[Any]]:
    days = (
        select(literal(DAYS), cast(ANSWER_DAYS.c.days, String), *_sums(ANSWER_DAYS.c, ("items",)))
        .where(*conditions(ANSWER_DAYS))
        .group_by(ANSWER_DAYS.c.days)
    )
    splits = [_split(cells, each) for each in SHOWN]
    subsets = [_subset(cells, each) for each in SUBSETS]
    return [_total(cells), *splits, *subsets, days]


def _total(cells: CTE) -> Select[Any]:
    sums = (func.coalesce(func.sum(cells.c[name]), 0) for name in NAMES)
    return select(literal(TOTAL), literal(""), *sums)


def _split(cells: CTE, dimension: Dimension, *, name: str = "") -> Select[Any]:
    column = cells.c[dimension.column]
    key = case((column, YES), else_=NO) if dimension.type is bool else cast(column, String)
    return select(literal(name or dimension.name), key, *_sums(cells.c, SIZES)).group_by(column)


def _subset(cells: CTE, subset: Subset) -> Select[Any]:
    where = cells.c[BY_NAME[subset.where].column] == subset.value
    return _split(cells, BY_NAME[subset.of], name=subset.name).where(where)


def _sums(columns: Any, wanted: tuple[str, ...]) -> Iterator[ColumnElement[Any]]:
    """One column per measure, so that all parts of the union match; those not wanted are zero."""
    for name in NAMES:
        yield func.sum(columns[name]) if name in wanted else literal(0)


def _documents(plan: RollupPlan) -> Select[Any]:
    spans = [(DAY, days) for days in plan.days]
    spans += [(MONTH, plan.months)] if plan.months else []
    times = [
        and_(DOCUMENT.c.grain == grain, DOCUMENT.c.first_day.between(period.first, period.last))
        for grain, period in spans
    ]
    return select(literal(DOCUMENTS), DOCUMENT.c.document, *(literal(0) for _ in NAMES)).where(
        DOCUMENT.c.division == plan.division,
        DOCUMENT.c.definition == definition().rollups,
        or_(false(), *times),
    )


def _rest_of(plan: RollupPlan, query: SummaryQuery, root: tuple[str, str]) -> Conditions:
    """Of the cells what the documents of a question don't hold."""
    own = (plan.division.ljust(12, "0"), plan.division.ljust(12, "9"))

    def conditions(table: Table) -> Iterator[ColumnElement[bool]]:
        day, division = table.c.received_on, table.c.division_code
        rest = [
            and_(day.between(each.first, each.last), division.between(*own)) for each in plan.cells
        ]
        if plan.others:
            elsewhere = or_(division < root[0], division > root[1])
            rest.append(and_(day.between(query.period.first, query.period.last), elsewhere))
        yield or_(*rest)

    return conditions


def _conditions(
    table: Table, query: SummaryQuery, divisions: tuple[str, str] | None, visible: Visibility
) -> Iterator[ColumnElement[bool]]:
    yield table.c.received_on.between(query.period.first, query.period.last)
    yield _visible(table, visible)
    if divisions is not None:
        yield table.c.division_code.between(*divisions)
    if query.organ is not None:
        yield table.c.organ_code == query.organ
    if query.category is not None:
        stem = query.category.rstrip("0")
        stem += "0" * (len(stem) % 2)
        yield table.c.category_code.between(stem.ljust(6, "0"), stem.ljust(6, "9"))
    if query.channel is not None:
        yield table.c.channel == query.channel


def _visible(table: Table, visible: Visibility) -> ColumnElement[bool]:
    ranges = [
        and_(table.c.division_code >= low, table.c.division_code <= high)
        for low, high in visible.divisions
    ]
    organs = [table.c.organ_code.in_(sorted(visible.organs))] if visible.organs else []
    return or_(false(), *ranges, *organs)
