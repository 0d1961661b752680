"""Sums over roll-ups for a period: one statement, so all its figures are of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts import store as counts
from services.analytics.facts.store import FACT
from services.analytics.rollups import store as kept
from services.analytics.rollups.domain.cells import FIGURES
from services.analytics.rollups.domain.documents import (
    SIZES,
    Reading,
    Sums,
    reading_of,
    totals_by_kind,
)
from services.analytics.summary.domain.figures import (
    DAYS,
    NO,
    PARTITIONS,
    TOTAL,
    VISIT,
    VISITS,
    YES,
    Period,
    Sight,
    SummedRow,
    Wanted,
)
from services.analytics.summary.store.hidden import HIDDEN, rows_to_hide, taken_off

COLUMNS = {
    "category": "category_code",
    "division": "division_code",
    "channel": "channel",
    "purpose": "purpose",
    "origin": "origin",
    "tier": "tier",
    "repeat": "repeat",
    "collective": "collective",
}
"""Split -> column; the splits are those of PARTITIONS."""
KEPT = "kept"
"""Split of the rows that hold a kept sum; its text stands as their key."""
Conditions = Callable[[Table], Iterator[ColumnElement[bool]]]
FLAGS = frozenset({"repeat", "collective"})


async def summed(
    session: AsyncSession,
    wanted: Wanted,
    *,
    divisions: tuple[str, str] | None,
    sight: Sight,
    root: tuple[str, str],
) -> list[SummedRow]:
    """All rows a summary is assembled from, without what is hidden from the reader. `divisions`
    bounds the division codes asked for, both included, `root` those of the deployment; rows outside
    `sight` don't exist for it.

    What is kept ready is taken as it is, the rest is summed from the cells, in one statement."""
    reading = reading_of(wanted, asked=divisions, sight=sight, root=root)
    if reading is not None and await kept.mark(session) == kept.WHOLE:
        parts = [kept.part_of_summary(reading, KEPT)]
        if reading.cells or reading.others:
            parts += _from_cells(_left_of(reading, wanted, root))
    else:
        parts = _from_cells(lambda table: _conditions(table, wanted, divisions, sight))
    if sight.above:
        parts.append(rows_to_hide(sight.above, _conditions(FACT, wanted, divisions, sight)))
    found: Result[Any] = await session.execute(union_all(*parts))
    ready = Sums()
    rows: list[SummedRow] = []
    for split, key, *sums in map(tuple, found):
        if split == KEPT:
            ready.merge(Sums.of_text(key))
        elif split == HIDDEN:
            rows += taken_off(key)
        else:
            rows.append(SummedRow(split, key, dict(zip(FIGURES, map(int, sums), strict=True))))
    return [*rows, *ready.rows()]


def _from_cells(conditions: Conditions) -> list[Select[Any]]:
    cells = (
        select(
            *(counts.COUNT.c[COLUMNS[split]] for split in PARTITIONS),
            *(counts.COUNT.c[name] for name in FIGURES),
        )
        .where(*conditions(counts.COUNT))
        .cte("cells")
    )
    days = (
        select(literal(DAYS), cast(counts.DAYS.c.days, String), *_sums(counts.DAYS.c, ("items",)))
        .where(*conditions(counts.DAYS))
        .group_by(counts.DAYS.c.days)
    )
    splits = [_split(cells, split) for split in PARTITIONS]
    visits = _split(cells, "collective", name=VISITS).where(cells.c.channel == VISIT)
    return [_total(cells), *splits, visits, days]


def _total(cells: CTE) -> Select[Any]:
    sums = (func.coalesce(func.sum(cells.c[name]), 0) for name in FIGURES)
    return select(literal(TOTAL), literal(""), *sums)


def _split(cells: CTE, split: str, *, name: str = "") -> Select[Any]:
    column = cells.c[COLUMNS[split]]
    key = case((column, YES), else_=NO) if split in FLAGS else cast(column, String)
    return select(literal(name or split), key, *_sums(cells.c, SIZES)).group_by(column)


def _sums(columns: Any, wanted: tuple[str, ...]) -> Iterator[ColumnElement[Any]]:
    """One column per figure, so that all parts of the union match; those not wanted are zero."""
    for name in FIGURES:
        yield func.sum(columns[name]) if name in wanted else literal(0)


def _left_of(reading: Reading, wanted: Wanted, root: tuple[str, str]) -> Conditions:
    """Of the cells what the kept sums of a question don't hold."""
    own = (reading.division.ljust(12, "0"), reading.division.ljust(12, "9"))

    def conditions(table: Table) -> Iterator[ColumnElement[bool]]:
        day, division = table.c.received_on, table.c.division_code
        left = [
            and_(day.between(each.first, each.last), division.between(*own))
            for each in reading.cells
        ]
        if reading.others:
            elsewhere = or_(division < root[0], division > root[1])
            left.append(and_(day.between(wanted.period.first, wanted.period.last), elsewhere))
        yield or_(*left)

    return conditions


def _conditions(
    table: Table, wanted: Wanted, divisions: tuple[str, str] | None, sight: Sight
) -> Iterator[ColumnElement[bool]]:
    yield table.c.received_on.between(wanted.period.first, wanted.period.last)
    yield _seen(table, sight)
    if divisions is not None:
        yield table.c.division_code.between(*divisions)
    if wanted.organ is not None:
        yield table.c.organ_code == wanted.organ
    if wanted.category is not None:
        stem = wanted.category.rstrip("0")
        stem += "0" * (len(stem) % 2)
        yield table.c.category_code.between(stem.ljust(6, "0"), stem.ljust(6, "9"))
    if wanted.channel is not None:
        yield table.c.channel == wanted.channel


def _seen(table: Table, sight: Sight) -> ColumnElement[bool]:
    ranges = [
        and_(table.c.division_code >= low, table.c.division_code <= high)
        for low, high in sight.divisions
    ]
    organs = [table.c.organ_code.in_(sorted(sight.organs))] if sight.organs else []
    return or_(false(), *ranges, *organs)


async def sums_all_ways(
    session: AsyncSession, month: Period
) -> tuple[Mapping[str, int], dict[str, Mapping[str, int]]]:
    """The same figures of a month counted from the facts, and by every other way: summed from the
    cells, and, once they are filled, from each kind of kept sums.

    One statement; for the check that all agree. Names are those of FIGURES."""
    fact = counts.FACT.c
    answered = fact.answered_on.is_not(None)
    judged = and_(answered, fact.due_on.is_not(None))
    on_time = and_(judged, fact.answered_on <= fact.due_on)
    counted: dict[str, ColumnElement[int]] = {
        "items": func.count(),
        "batches": _number(fact.batch),
        "person_times": func.coalesce(func.sum(fact.person_times), 0),
        "answered": _number(answered),
        "answered_person_times": func.coalesce(
            func.sum(case((answered, fact.person_times), else_=0)), 0
        ),
        "closed_without_answer": _number(fact.closed),
        "judged": _number(judged),
        "answered_on_time": _number(on_time),
        "legal_judged": _number(and_(judged, fact.legal)),
        "legal_on_time": _number(and_(on_time, fact.legal)),
        "overdue_open": _number(fact.overdue),
        "answer_overdue_open": _number(fact.answer_overdue),
    }
    within = (month.first, month.last)
    from_facts = select(literal("facts"), literal(""), *(counted[name] for name in FIGURES)).where(
        fact.received_on.between(*within)
    )
    added = (func.coalesce(func.sum(counts.COUNT.c[name]), 0) for name in FIGURES)
    from_cells = select(literal("cells"), literal(""), *added).where(
        counts.COUNT.c.received_on.between(*within)
    )
    ways = [from_facts, from_cells]
    filled = await kept.mark(session) == kept.WHOLE
    if filled:
        ways.append(kept.all_of(month))
    found: Result[Any] = await session.execute(union_all(*ways))
    texts: list[tuple[str, str]] = []
    sums_of: dict[str, Mapping[str, int]] = {}
    for way, text, *sums in map(tuple, found):
        if text:
            texts.append((way, text))
        else:
            sums_of[way] = dict(zip(FIGURES, map(int, sums), strict=True))
    facts = sums_of.pop("facts")
    if filled:
        sums_of |= totals_by_kind(texts)
    return facts, sums_of


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
