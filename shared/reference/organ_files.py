"""Reading the tables of organ kinds and exceptions."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from shared.reference.divisions import Divisions
from shared.reference.organ_rows import OrganException, OrganKind
from shared.reference.organs import Organs
from shared.vocabulary.places import Level

GOVERNMENT = "GOVERNMENT"
DATA = Path(__file__).resolve().parent / "data"


def read_kinds(lines: Iterable[str]) -> list[OrganKind]:
    """Rows of organ_kinds.csv. Raises KeyError for a missing column."""
    levels = {
        Level.PROVINCE: "province",
        Level.PREFECTURE: "prefecture",
        Level.COUNTY: "county",
        Level.TOWNSHIP: "township",
    }
    return [
        OrganKind(
            code=row["kind"],
            patterns={level: row[column] for level, column in levels.items() if row[column]},
            district=row["district"],
            street=row["street"],
            superior=row["superior"],
            falls_to=row["falls_to"],
            vertical=row["vertical"] == "yes",
            guided=row["route"] == "guide",
            petition_office=row["petition_office"] == "yes",
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            successor=row["successor"],
            source=row["source"],
            led_by=led_by(row),
        )
        for row in csv.DictReader(lines)
    ]


def read_exceptions(lines: Iterable[str]) -> list[OrganException]:
    """Rows of organ_exceptions.csv; the column `mark` may be missing. Raises KeyError for any other
    that is."""
    return [
        OrganException(
            code=row["organ_code"],
            exists=row["exists"] == "yes",
            name=row["name"],
            superior=row["superior"],
            successor=row["successor"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            mark=row.get("mark") or "",
        )
        for row in csv.DictReader(lines)
    ]


def led_by(row: Mapping[str, str]) -> str:
    """The kind of organ that leads one of a row of organ_kinds.csv. Editions of before 2026.2 do
    not say it: what works here and is not led from above counts as a department then, so that none
    of them keeps less from the accused."""
    if "led_by" in row:
        return row["led_by"]
    is_department = row["vertical"] != "yes" and row["route"] != "guide"
    return GOVERNMENT if is_department and row["kind"] != GOVERNMENT else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _packaged_rows() -> tuple[tuple[OrganKind, ...], tuple[OrganException, ...]]:
    kinds = (DATA / "organ_kinds.csv").read_text(encoding="utf-8").splitlines()
    exceptions = (DATA / "organ_exceptions.csv").read_text(encoding="utf-8").splitlines()
    return tuple(read_kinds(kinds)), tuple(read_exceptions(exceptions))


def packaged(divisions: Divisions) -> Organs:
    """The organ table that comes with the package, over a division tree."""
    kinds, exceptions = _packaged_rows()
    return Organs(divisions, kinds, exceptions=exceptions)
