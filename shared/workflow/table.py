"""The table of procedure of a noun: which act, in which state, by whom, under which conditions.

Read from a CSV file that comes with the program. Common columns are those of `Row`; a noun whose
rows depend on more than the state derives its own row and says how its columns are read. Pure: the
domain of a service may import it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cached_property
from io import StringIO
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, TypeVar

from shared.kernel.errors import Conflict
from shared.vocabulary.acts import Approval

SAME: Final = "same"
OPENING: Final = "-"
Parse = Callable[[str], Any]
R = TypeVar("R", bound="Row")
_NONE: Final[Mapping[str, Parse]] = MappingProxyType({})


class TableInvalid(ValueError):
    """The table names something unknown or is ambiguous; the program does not start with it."""


class IllegalStep(Conflict):
    """The act is not possible now. `extra` has `current` and `allowed`."""

    code: ClassVar[str] = "illegal_step"

    def __init__(self, current: StrEnum, allowed: Iterable[StrEnum], why: str = "") -> None:
        self.current = current
        self.allowed = tuple(allowed)
        super().__init__(why, current=str(current), allowed=[str(act) for act in self.allowed])


class RuleBroken(Conflict):
    """The act would break a rule of procedure; the detail names it."""

    code: ClassVar[str] = "rule_broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One act in some states. `states` is empty for the act that opens an entity (`-`). `to` is
    None where the state stays (`same`), and where the act itself chooses among several, which are
    `ends_in`. `by` is a position: whose act it is. `starts` and `ends` are kinds of duties;
    `notice` is the kind of paper that somebody is owed by the act."""

    act: Any
    name: str
    states: frozenset[Any]
    to: Any
    ends_in: tuple[Any, ...] = ()
    by: Any
    approval: Approval
    guards: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    notice: str = ""
    article: str

    def fits(self, entity: Any) -> bool:
        """Whether the row is about an entity as it is now, its guards not looked at."""
        return entity.state in self.states

    def check(self) -> None:
        """Raises ValueError for a row that contradicts itself."""
        if not self.article or not self.name:
            raise ValueError("name and article must be given")


class Table(Generic[R]):
    """All rows of a noun, in the order of the file; of several that fit the first counts.

    Given a function, the table is read when first asked: importing a module opens no file."""

    def __init__(self, rows: Iterable[R] | Callable[[], Iterable[R]]) -> None:
        self._source = rows

    @cached_property
    def rows(self) -> tuple[R, ...]:
        """All rows."""
        return tuple(self._source() if callable(self._source) else self._source)

    @cached_property
    def _by_state(self) -> dict[Any, list[R]]:
        found: dict[Any, list[R]] = {}
        for row in self.rows:
            for state in row.states:
                found.setdefault(state, []).append(row)
        return found

    def fitting(self, entity: Any) -> list[R]:
        """Rows about an entity as it is now."""
        return [row for row in self._by_state.get(entity.state, ()) if row.fits(entity)]

    def opening(self, act: StrEnum) -> R:
        """The row of an act that opens an entity. Raises KeyError."""
        for row in self.rows:
            if row.act == act and not row.states:
                return row
        raise KeyError(act)

    def name_of(self, act: str) -> str:
        """What people call an act: its first name in the table."""
        return next(row.name for row in self.rows if row.act == act)

    @property
    def guards(self) -> frozenset[str]:
        """Names of all conditions in the table."""
        return frozenset(name for row in self.rows for name in row.guards)

    def without(self, guard: str) -> Table[R]:
        """The same table, this condition taken out of every row."""
        return Table(
            replace(row, guards=tuple(each for each in row.guards if each != guard))
            for row in self.rows
        )


def many(parse: Parse = str) -> Callable[[str], tuple[Any, ...]]:
    """Reads a cell of several values between semicolons."""
    return lambda text: tuple(parse(part) for part in text.split(";") if part)


def read(
    text: str,
    row: type[R],
    *,
    act: type[StrEnum],
    state: type[StrEnum],
    by: type[StrEnum],
    more: Mapping[str, Parse] = _NONE,
    source: str = "procedure.csv",
) -> Table[R]:
    """The table from the text of its file; `more` reads the columns that `row` adds. Optional
    columns (those of `Row` with a default) may be missing.

    Raises TableInvalid with line and fault."""
    reader = csv.DictReader(StringIO(text))
    common: dict[str, Parse] = {
        "act": act, "name": str, "from": _states(state), "to": _target(state), "by": by,
        "approval": Approval, "guards": many(), "starts": many(), "ends": many(), "notice": str,
        "article": str,
    }  # fmt: skip
    columns: dict[str, Parse] = {**common, **more}
    optional = {"guards", "starts", "ends", "notice"}
    found = set(reader.fieldnames or ())
    unknown = found - columns.keys()
    if unknown or (missing := columns.keys() - optional - found):
        raise TableInvalid(f"{source}: columns {sorted(unknown or missing)}")
    known = {each.name for each in fields(row)}
    rows: list[R] = []
    for raw in reader:
        try:
            cells = {name: columns[name](raw[name]) for name in found}
            cells["states"], to = cells.pop("from"), cells.pop("to")
            cells |= {"to": to[0]} if len(to) == 1 else {"to": None, "ends_in": to}
            rows.append(row(**{name: cell for name, cell in cells.items() if name in known}))
            rows[-1].check()
        except (KeyError, ValueError, TypeError) as error:
            raise TableInvalid(f"{source} 第 {reader.line_num} 行：{error}") from error
    return Table(rows)


def _states(state: type[StrEnum]) -> Parse:
    def parse(text: str) -> frozenset[StrEnum]:
        if text == OPENING:
            return frozenset()
        if not text:
            raise ValueError("states must be given")
        return frozenset(many(state)(text))

    return parse


def _target(state: type[StrEnum]) -> Parse:
    return lambda text: (None,) if text == SAME else many(state)(text)
