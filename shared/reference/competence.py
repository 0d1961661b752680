"""Competence (职责分工): which kind of department handles a category at a level.

Data only (data/competence.csv). A row for a deeper category beats one for a higher category, and
within a category a row for the exact level beats the row for any level. No row means that the
table does not know and a person decides; 其他 has none on purpose.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from io import StringIO

from shared.kernel.errors import DomainError
from shared.reference.calendar import packaged_text
from shared.vocabulary.places import Level

COLUMNS = ("category", "level", "kind", "lowest_level", "guide", "note", "source")
_CODE = re.compile(r"[0-9]{6}")


class Guide(StrEnum):
    """A statutory route the petitioner is guided to instead of a petition procedure (Art. 31)."""

    LITIGATION = "litigation"
    ARBITRATION = "arbitration"
    RECONSIDERATION = "reconsideration"
    DISCIPLINE = "discipline"


class CompetenceInvalid(DomainError):
    """A competence table is malformed; `detail` names the line and the fault."""

    code = "competence_invalid"


@dataclass(frozen=True, slots=True)
class CompetentDepartment:
    """A department kind (a code of organ_kinds.csv) for a category at a level.

    `handled_at` is the level where the department sits: the asked level, or a higher one where
    the department does not exist below it. `guide` is set where the law sends the petitioner to
    another procedure; `kind` is then the body of that procedure. `category` is the code whose row
    decided, `source` the law or reform plan behind it.
    """

    kind: str
    handled_at: Level
    guide: Guide | None
    category: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class CompetenceRow:
    """One row. `level` None means any; `lowest_level` is the lowest the department exists at."""

    category: str
    level: Level | None
    kind: str
    lowest_level: Level
    guide: Guide | None
    note: str
    source: str


class Competence:
    """One edition of the table. Raises CompetenceInvalid for two rows with one key."""

    def __init__(self, rows: Iterable[CompetenceRow]) -> None:
        self._rows: dict[tuple[str, Level | None], CompetenceRow] = {}
        for row in rows:
            key = (row.category, row.level)
            if key in self._rows:
                raise CompetenceInvalid(f"分类 {row.category} 的同一层级有两行")
            self._rows[key] = row

    @property
    def rows(self) -> list[CompetenceRow]:
        """All rows in the table's order."""
        return list(self._rows.values())

    def department(self, category_code: str | None, level: Level) -> CompetentDepartment | None:
        """The department kind for a category at the level of the place; a village counts as its
        township. None where the table has no answer."""
        if category_code is None or not _CODE.fullmatch(category_code):
            return None
        at = min(level, Level.TOWNSHIP)
        for width in (6, 4, 2):
            category = category_code[:width].ljust(6, "0")
            row = self._rows.get((category, at)) or self._rows.get((category, None))
            if row is not None:
                return CompetentDepartment(
                    kind=row.kind,
                    handled_at=min(at, row.lowest_level),
                    guide=row.guide,
                    category=category,
                    note=row.note,
                    source=row.source,
                )
        return None


def read_competence(text: str) -> Competence:
    """A table from the text of its CSV file (UTF-8, with header). Raises CompetenceInvalid."""
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise CompetenceInvalid(f"列名应为 {','.join(COLUMNS)}")
    rows = []
    for row in reader:
        try:
            rows.append(_row(row))
        except (KeyError, TypeError, ValueError) as error:
            raise CompetenceInvalid(f"第 {reader.line_num} 行：{error}") from error
    return Competence(rows)


def _row(row: dict[str, str]) -> CompetenceRow:
    if not _CODE.fullmatch(row["category"]) or not row["kind"] or not row["source"]:
        raise ValueError("缺少分类、机关类型或者依据")
    return CompetenceRow(
        category=row["category"],
        level=Level[row["level"].upper()] if row["level"] else None,
        kind=row["kind"],
        lowest_level=Level[row["lowest_level"].upper()],
        guide=Guide(row["guide"]) if row["guide"] else None,
        note=row["note"],
        source=row["source"],
    )


@lru_cache(maxsize=1)
def packaged_competence() -> Competence:
    """The table that comes with the program."""
    return read_competence(packaged_text("competence.csv"))
