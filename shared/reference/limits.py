"""The limit table: which number of days a duty has, by region, purpose, source and date.

Every number of days in the program comes from here, with its article.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import StringIO
from itertools import combinations

from shared.kernel.errors import DomainError
from shared.reference.calendar import packaged_text
from shared.vocabulary.duties import Nature, Stop, Unit

COLUMNS = (
    *("limit_id", "kind", "region", "purpose", "source", "effective_from", "effective_to"),
    *("length", "unit", "nature", "roll", "extension_days"),
    *("stops", "warn_days", "article", "note"),
)
FLAGS = {"yes": True, "no": False}


class LimitMissing(DomainError):
    """No row of the table is in force for what was asked."""

    code = "limit_missing"


class LimitsInvalid(DomainError):
    """A limit table is malformed or two of its rows overlap; `detail` names them."""

    code = "limits_invalid"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One row. Empty `region`, `purposes` or `source` means any; bounds of dates are inclusive.

    `length` is None where the number of days comes with the act itself (交办's set period).
    `extension_days` is the most an extension may add; `stops` what the days of are not counted;
    `warn_days` are days before the last day.
    """

    limit_id: str
    kind: str
    region: str
    purposes: frozenset[str]
    source: str
    effective_from: date
    effective_to: date | None
    length: int | None
    unit: Unit
    nature: Nature
    roll: bool
    extension_days: int
    stops: frozenset[Stop]
    warn_days: tuple[int, ...]
    article: str
    note: str

    def fits(self, *, division_code: str | None, purpose: str, source: str, on: date) -> bool:
        """Whether the row is in force for these circumstances."""
        return (
            self.effective_from <= on
            and (self.effective_to is None or on <= self.effective_to)
            and (division_code or "").startswith(self.region)
            and (not self.purposes or purpose in self.purposes)
            and self.source in ("", source)
        )

    @property
    def weight(self) -> tuple[int, bool, bool]:
        """Greater is more specific: region first, then source, then purpose."""
        return (len(self.region), bool(self.source), bool(self.purposes))

    def clashes_with(self, other: LimitRow) -> bool:
        """Whether both could be the most specific row for the same circumstances."""
        same = (self.kind, self.region, self.source) == (other.kind, other.region, other.source)
        purposes = not (self.purposes or other.purposes) or self.purposes & other.purposes
        ends = (self.effective_to or date.max, other.effective_to or date.max)
        overlap = self.effective_from <= ends[1] and other.effective_from <= ends[0]
        return bool(same and purposes and overlap)


class Limits:
    """A limit table. Raises LimitsInvalid when two rows would answer one question."""

    def __init__(self, rows: Iterable[LimitRow]) -> None:
        self._by_kind: dict[str, list[LimitRow]] = {}
        self._by_id: dict[str, LimitRow] = {}
        for row in rows:
            if row.limit_id in self._by_id:
                raise LimitsInvalid(f"编号重复：{row.limit_id}")
            self._by_id[row.limit_id] = row
            self._by_kind.setdefault(row.kind, []).append(row)
        for family in self._by_kind.values():
            for one, other in combinations(family, 2):
                if one.clashes_with(other):
                    raise LimitsInvalid(f"时限重叠：{one.limit_id} 与 {other.limit_id}")

    def __getitem__(self, limit_id: str) -> LimitRow:
        return self._by_id[limit_id]

    @property
    def rows(self) -> list[LimitRow]:
        """All rows in the table's order."""
        return list(self._by_id.values())

    def select(
        self, kind: str, *, division_code: str | None, purpose: str, source: str = "", on: date
    ) -> LimitRow:
        """The row in force for `kind` on `on`; the most specific region wins, then a row for the
        source, then one for the purpose. Raises LimitMissing when no row fits."""
        fitting = [
            row
            for row in self._by_kind.get(kind, ())
            if row.fits(division_code=division_code, purpose=purpose, source=source, on=on)
        ]
        if not fitting:
            raise LimitMissing(f"没有适用的时限：{kind}，{purpose}，{on}", kind=kind)
        return max(fitting, key=lambda row: row.weight)

    def select_first(
        self,
        kinds: Sequence[str],
        *,
        division_code: str | None,
        purpose: str,
        source: str = "",
        on: date,
    ) -> LimitRow:
        """The row of the first of `kinds` that has one: law first, then our own target.

        Raises LimitMissing when none has.
        """
        for kind in kinds[:-1]:
            try:
                return self.select(
                    kind, division_code=division_code, purpose=purpose, source=source, on=on
                )
            except LimitMissing:
                continue
        return self.select(
            kinds[-1], division_code=division_code, purpose=purpose, source=source, on=on
        )


def read_limits(text: str) -> Limits:
    """A limit table from the text of its CSV file. Raises LimitsInvalid with line and fault."""
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise LimitsInvalid(f"列名应为 {','.join(COLUMNS)}")
    rows = []
    for raw in reader:
        try:
            rows.append(limit_row(raw))
        except (KeyError, TypeError, ValueError) as error:
            raise LimitsInvalid(f"第 {reader.line_num} 行：{error}") from error
    return Limits(rows)


@lru_cache(maxsize=1)
def packaged_limits() -> Limits:
    """The limit table that comes with the program."""
    return read_limits(packaged_text("limits.csv"))


def limit_row(raw: Mapping[str, str]) -> LimitRow:
    """A row from its fields. Raises KeyError, TypeError, ValueError."""
    row = LimitRow(
        limit_id=raw["limit_id"],
        kind=raw["kind"],
        region=raw["region"],
        purposes=frozenset(filter(None, raw["purpose"].split(";"))),
        source=raw["source"],
        effective_from=date.fromisoformat(raw["effective_from"]),
        effective_to=date.fromisoformat(raw["effective_to"]) if raw["effective_to"] else None,
        length=int(raw["length"]) if raw["length"] else None,
        unit=Unit(raw["unit"]),
        nature=Nature(raw["nature"]),
        roll=FLAGS[raw["roll"]],
        extension_days=int(raw["extension_days"]),
        stops=frozenset(map(Stop, filter(None, raw["stops"].split(";")))),
        warn_days=tuple(sorted(map(int, filter(None, raw["warn_days"].split(";"))), reverse=True)),
        article=raw["article"],
        note=raw["note"],
    )
    if not row.limit_id or not row.kind or not row.article:
        raise ValueError("limit_id, kind and article must be given")
    assigned = row.nature is Nature.ASSIGNED
    if (row.length is None) != assigned or (row.length is not None and row.length < 1):
        raise ValueError("length is a positive number, absent for assigned periods only")
    return row
