"""An independent count of a file of answered messages: csv, re and datetime, nothing of ours.

Counted as decision 0015 says: by the local date of receipt, the day after receipt is day one, an
answer within 60 whole days is in time, a last day on a rest day does not move.

A county is told only by a subject that names exactly one, and no city it does not lie in (in
`A市C5市北路` the second name is a street's): everything else is undetermined.
"""

import csv
import gzip
import lzma
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

LIMIT_DAYS = 60
CHINA = timezone(timedelta(hours=8))
CITY, COUNTY = "2", "3"


@dataclass
class Counts:
    """What is compared: received, answered, answered in time."""

    items: int = 0
    answered: int = 0
    in_time: int = 0

    def __sub__(self, other: "Counts") -> "Counts":
        """What is left without the others."""
        return Counts(
            self.items - other.items,
            self.answered - other.answered,
            self.in_time - other.in_time,
        )

    def add(self, row: dict[str, str]) -> None:
        """Count one row."""
        received, answered = days_of(row)
        self.items += 1
        if answered is not None:
            self.answered += 1
            self.in_time += answered <= received + timedelta(days=LIMIT_DAYS)


@dataclass(frozen=True)
class Tree:
    """Names of cities and counties by code; codes are as wide as the file has them."""

    cities: dict[str, str]
    counties: dict[str, str]

    def county_of(self, subject: str) -> str | None:
        """Code of the one county a subject names, None when it is not that clear."""
        counties = {
            code for name in _found(self.counties, subject) for code in self.counties_of(name)
        }
        if len(counties) != 1:
            return None
        (county,) = counties
        cities = [
            code for code, name in self.cities.items() if name in _found(self.cities, subject)
        ]
        return county if all(county.startswith(city[:4]) for city in cities) else None

    def counties_of(self, name: str) -> Iterator[str]:
        """Codes of all counties of a name."""
        return (code for code, known in self.counties.items() if known == name)


def rows_of(path: Path) -> list[dict[str, str]]:
    """All rows of a CSV file, also .gz."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def tree_of(path: Path, *, below: str = "") -> Tree:
    """Cities and counties of a division table, also .xz; `below` is a prefix of their codes."""
    opener: Any = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["code"].startswith(below)]
    return Tree(
        cities={row["code"]: row["name"] for row in rows if row["level"] == CITY},
        counties={row["code"]: row["name"] for row in rows if row["level"] == COUNTY},
    )


def days_of(row: dict[str, str]) -> tuple[date, date | None]:
    """Local dates of receipt and of the answer, if there is one."""
    replied = row["replied_at"].strip()
    return _local(row["submitted_at"]), _local(replied) if replied else None


def count(rows: Iterable[dict[str, str]]) -> Counts:
    """Counts of all rows."""
    counted = Counts()
    for row in rows:
        counted.add(row)
    return counted


def by_year(rows: Iterable[dict[str, str]]) -> dict[int, Counts]:
    """Counts by the year of receipt."""
    counted: dict[int, Counts] = {}
    for row in rows:
        counted.setdefault(days_of(row)[0].year, Counts()).add(row)
    return counted


def by_county(rows: Iterable[dict[str, str]], tree: Tree) -> dict[str | None, Counts]:
    """Counts by county code; None is undetermined."""
    counted: dict[str | None, Counts] = {}
    for row in rows:
        counted.setdefault(tree.county_of(row["subject"]), Counts()).add(row)
    return counted


def _found(names: dict[str, str], text: str) -> set[str]:
    """Names that stand in a text, the longest where one is part of another."""
    longest = sorted(set(names.values()), key=len, reverse=True)
    return set(re.findall("|".join(map(re.escape, longest)), text))


def _local(written: str) -> date:
    return datetime.fromisoformat(written).astimezone(CHINA).date()
