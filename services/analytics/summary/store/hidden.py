"""What the accused unit and those under it must not count: accusations of it (条例 Art. 30).

They are few, so they are taken off the sums of such a reader one by one, in the same statement that
reads the sums, and no other reader's question gets dearer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from typing import Any, Final, get_type_hints

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, select

from services.analytics.facts.domain import VISIT, Cell, Fact
from services.analytics.facts.store import CELL, FACT, OWN
from services.analytics.rollups.domain.cells import FIGURES, Change
from services.analytics.summary.domain.figures import (
    DAYS,
    NO,
    PARTITIONS,
    TOTAL,
    VISITS,
    YES,
    SummedRow,
)
from shared.db.accused import accuses

HIDDEN: Final = "hidden"
"""Split of the rows that hold a petition to be left out; it stands as their key."""
NAMES: Final = (*CELL, *(name for name in OWN if name != "hidden_from"))
TYPES: Final = get_type_hints(Cell) | get_type_hints(Fact)
BETWEEN: Final = "|"
"""Stands in no code and no date."""


def rows_to_hide(
    above: Iterable[str], conditions: Iterable[ColumnElement[bool]], *, split: str = HIDDEN
) -> Select[Any]:
    """Petitions hidden from readers who are one of these organs or under one, as rows of the
    statement of a summary: the whole petition stands as the key."""
    values = [_text(FACT.c[name]) for name in NAMES]
    key = reduce(lambda one, other: one.op("||")(literal(BETWEEN)).op("||")(other), values)
    columns: list[ColumnElement[Any]] = [literal(split), cast(key, String)]
    return select(*columns, *(literal(0) for _ in FIGURES)).where(
        FACT.c.hidden_from.is_not(None), accuses(FACT.c.hidden_from, set(above)), *conditions
    )


def taken_off(key: str) -> Iterator[SummedRow]:
    """The rows that take one petition off all sums."""
    raw = dict(zip(NAMES, key.split(BETWEEN), strict=True))
    values = {name: _value(TYPES[name], text) for name, text in raw.items()}
    cell = Cell(**{name: values[name] for name in CELL})
    fact = Fact(cell=cell, **{name: values[name] for name in NAMES if name not in CELL})
    change = Change()
    change.replace(fact, None)
    for _, figures in change.touched():
        yield SummedRow(TOTAL, "", figures)
        for split, code in _codes(cell):
            yield SummedRow(split, code, figures)
    for (*_, days), items in change.touched_days():
        yield SummedRow(DAYS, str(days), dict.fromkeys(FIGURES, 0) | {"items": items})


def _codes(cell: Cell) -> Iterator[tuple[str, str]]:
    flags = {"repeat": cell.repeat, "collective": cell.collective}
    codes = {
        "category": cell.category_code, "division": cell.division_code, "channel": cell.channel,
        "purpose": cell.purpose, "origin": cell.origin, "tier": str(cell.tier),
    } | {name: YES if flag else NO for name, flag in flags.items()}  # fmt: skip
    for split in PARTITIONS:
        yield split, codes[split]
    if cell.channel == VISIT:
        yield VISITS, codes["collective"]


def _text(column: Any) -> ColumnElement[str]:
    if isinstance(TYPES[column.name], type) and TYPES[column.name] is bool:
        return case((column, YES), else_=NO)
    return func.coalesce(cast(column, String), "")


def _value(kind: Any, text: str) -> Any:
    if kind is bool:
        return text == YES
    if kind is int:
        return int(text)
    if kind is str:
        return text
    return date.fromisoformat(text) if text else None
