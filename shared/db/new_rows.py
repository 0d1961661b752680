"""New rows of several tables as SQL text, made once per shape of a change.

A change of a kind has the same tables and columns every time. So its text is made once, the driver
keeps it prepared, and each time only the values are put in order; SQLAlchemy's compiler would cost
more than the insert itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Dialect, Table

NewRow = tuple[Table, dict[str, Any]]
"""A row to insert: its table and its values."""

_Shape = tuple[Table, tuple[str, ...], int]
"""Table, columns and number of rows of one INSERT."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A statement, and how each of its values is handed to the driver."""

    sql: str
    adapters: tuple[Callable[[Any], Any] | None, ...]

    def arguments(self, rows: Iterable[NewRow]) -> tuple[Any, ...]:
        """The values of these rows in the order of the statement."""
        values = (value for _, row in rows for value in row.values())
        return tuple(
            value if adapt is None else adapt(value)
            for adapt, value in zip(self.adapters, values, strict=True)
        )


def together(dialect: Dialect, rows: Sequence[NewRow]) -> Insertion:
    """One statement for all rows, for servers: WITH … INSERT … INSERT."""
    runs = groupby(rows, key=_kind)
    return _together(dialect, tuple((*kind, len(list(run))) for kind, run in runs))


def each(dialect: Dialect, rows: Sequence[NewRow]) -> Iterable[tuple[str, list[tuple[Any, ...]]]]:
    """A statement per kind of row with the values of all its rows.

    Tables keep the order in which they are first met, rows of a table theirs."""
    kinds: dict[tuple[Table, tuple[str, ...]], list[NewRow]] = {}
    for row in rows:
        kinds.setdefault(_kind(row), []).append(row)
    for kind, alike in kinds.items():
        insertion = _one(dialect, *kind)
        yield insertion.sql, [insertion.arguments([row]) for row in alike]


def _kind(row: NewRow) -> tuple[Table, tuple[str, ...]]:
    return row[0], tuple(row[1])


@lru_cache(maxsize=256)
def _together(dialect: Dialect, shapes: tuple[_Shape, ...]) -> Insertion:
    inserts: list[str] = []
    adapters: list[Callable[[Any], Any] | None] = []
    for table, columns, count in shapes:
        marks = []
        for _ in range(count):
            first = len(adapters) + 1
            marks.append(", ".join(f"${first + at}" for at in range(len(columns))))
            adapters += _adapters(dialect, table, columns)
        inserts.append(_insert(dialect, table, columns, marks))
    others = ", ".join(f"w{number} AS ({sql})" for number, sql in enumerate(inserts[:-1]))
    return Insertion(f"WITH {others} {inserts[-1]}" if others else inserts[-1], tuple(adapters))


@lru_cache(maxsize=256)
def _one(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> Insertion:
    numbered = dialect.paramstyle != "qmark"
    marks = (f"${at}" if numbered else "?" for at in range(1, len(columns) + 1))
    sql = _insert(dialect, table, columns, [", ".join(marks)])
    return Insertion(sql, tuple(_adapters(dialect, table, columns)))


def _insert(dialect: Dialect, table: Table, columns: Sequence[str], marks: Sequence[str]) -> str:
    quoted = dialect.identifier_preparer
    names = ", ".join(quoted.quote(name) for name in columns)
    values = ", ".join(f"({row})" for row in marks)
    return f"INSERT INTO {quoted.format_table(table)} ({names}) VALUES {values}"  # noqa: S608  names


def _adapters(
    dialect: Dialect, table: Table, columns: Sequence[str]
) -> list[Callable[[Any], Any] | None]:
    types = (table.c[name].type for name in columns)
    return [kind.dialect_impl(dialect).bind_processor(dialect) for kind in types]
