"""What the accused organ and those under it must not count: accusations of it (条例 Art. 30).

They are few, so they are subtracted from the sums of such a reader one by one, in the same
statement that reads the sums; the questions of other readers cost no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from types import SimpleNamespace
from typing import Any, Final, get_type_hints

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, select

from services.analytics.facts.store import CELL, FACT, fact_of_row
from services.analytics.registry.domain.dimensions import (
    DAYS,
    NO,
    TOTAL,
    YES,
    Cell,
    Dimension,
    split_keys,
)
from services.analytics.registry.domain.measures import ATTRIBUTES, NAMES, Fact
from services.analytics.rollups.domain.cells import RollupChange
from services.analytics.rollups.domain.documents import SummedRow
from shared.db.accused import accuses

HIDDEN: Final = "hidden"
"""Split of the rows that hold a petition to be left out; its columns are their key."""
COLUMNS: Final = (*CELL, *(name for name in ATTRIBUTES if name != "hidden_from"))
TYPES: Final = get_type_hints(Cell) | get_type_hints(Fact)
BETWEEN: Final = "|"
"""Separates columns; no code and no date has it."""


def rows_to_hide(
    above: Iterable[str], conditions: Iterable[ColumnElement[bool]], *, split: str = HIDDEN
) -> Select[Any]:
    """Petitions hidden from readers who are one of these organs or under one, as rows of the
    statement of a summary: all columns of the petition as the key."""
    values = [_text(FACT.c[name]) for name in COLUMNS]
    key = reduce(lambda one, other: one.op("||")(literal(BETWEEN)).op("||")(other), values)
    columns: list[ColumnElement[Any]] = [literal(split), cast(key, String)]
    return select(*columns, *(literal(0) for _ in NAMES)).where(
        FACT.c.hidden_from.is_not(None), accuses(FACT.c.hidden_from, set(above)), *conditions
    )


def subtracted(key: str) -> Iterator[SummedRow]:
    """The rows that subtract one petition from all sums."""
    texts = zip(COLUMNS, key.split(BETWEEN), strict=True)
    values = {name: _value(TYPES[name], text) for name, text in texts}
    fact = fact_of_row(SimpleNamespace(**values, hidden_from=None))
    change = RollupChange()
    change.replace(fact, None)
    for _, sums in change.touched():
        yield SummedRow(TOTAL, "", sums)
        for split, code in split_keys(fact.cell, Dimension.key):
            yield SummedRow(split, code, sums)
    for (*_, days), items in change.touched_days():
        yield SummedRow(DAYS, str(days), {"items": items})


def _text(column: Any) -> ColumnElement[str]:
    if TYPES[column.name] is bool:
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
