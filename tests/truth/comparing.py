"""The product's side of counted truth: real processes, the commands' own code, and what differs."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from services.cli.importing import import_history
from services.cli.platform import Platform
from services.cli.summary import figures
from services.intake.history.use_cases.mappings import mapping_named
from tests.support.deployment import Deployment
from tests.truth.counter import Counts, Tree, by_county, by_year, count, rows_of, tree_of

HOME = Path(__file__).resolve().parents[2]
REFERENCE = HOME / "shared" / "reference" / "data"
REAL = Path(os.environ.get("XINFANG_REAL_DATA") or HOME.parent / "shared" / "data")
"""A folder with replied.csv.gz and divisions-sample.csv; the samples stand in where it is not."""
MAPPING = "message-board"
Row = dict[str, str]


@dataclass(frozen=True)
class Material:
    """A history, the division tree it means, and the settings of a deployment for it."""

    name: str
    rows: list[Row]
    tree: Tree
    settings: dict[str, Any]

    @property
    def told(self) -> list[Row]:
        """Rows whose subject says the county by itself."""
        return [row for row in self.rows if self.tree.county_of(row["subject"])]

    @property
    def period(self) -> tuple[date, date]:
        """Whole years that hold everything."""
        years = by_year(self.rows)
        return date(min(years), 1, 1), date(max(years), 12, 31)


def material() -> Material:
    """The real messages where they are, else the project's own samples."""
    history, tree = REAL / "replied.csv.gz", REAL / "divisions-sample.csv"
    if history.is_file() and tree.is_file():
        settings = {"divisions_file": tree, "root_division": ""}
        return Material("real messages", rows_of(history), tree_of(tree), settings)
    return Material(
        "samples",
        rows_of(REFERENCE / "samples" / "history.csv"),
        tree_of(REFERENCE / "divisions.csv.xz", below="43"),
        {"root_division": "43"},
    )


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    """Rows as a file to import."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@dataclass
class Verdict:
    """What was compared, and what was not equal: (what, counted, product)."""

    equal: dict[str, int] = field(default_factory=dict)
    different: list[tuple[str, Counts, Counts]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def judge(self, kind: str, what: str, counted: Counts, product: Counts) -> None:
        """Compare one triple of figures."""
        if counted == product:
            self.equal[kind] = self.equal.get(kind, 0) + 1
        else:
            self.different.append((f"{kind} {what}", counted, product))


def counts_in(summary: Mapping[str, Any]) -> Counts:
    """The compared figures of a summary."""
    return Counts(summary["items"], summary["answered"], summary["answered_on_time"])


@asynccontextmanager
async def deployed(material: Material, folder: Path, *, separated: bool) -> AsyncIterator[Platform]:
    """A fresh deployment of real processes, as the commands reach it."""
    async with Deployment(folder, separated=separated, **material.settings) as running:
        token = running.operator["Authorization"].removeprefix("Bearer ")
        yield Platform(running.client, running.settings, token)


async def compare(reached: Platform, material: Material, folder: Path) -> Verdict:
    """Import all rows and compare: every year, every county of the tree (also those nobody
    named), the whole, and undetermined, which is the whole less all counties."""
    verdict, rows = Verdict(), material.rows
    await _import(reached, write_rows(folder / "all.csv", rows), expected=len(rows))
    years = by_year(rows)
    for year in range(min(years), max(years) + 1):
        product = counts_in(await figures(reached, date(year, 1, 1), date(year, 12, 31)))
        verdict.judge("years", str(year), years.get(year, Counts()), product)
    whole = counts_in(await figures(reached, *material.period))
    verdict.judge("wholes", f"of {len(rows)} rows", count(rows), whole)
    counties, rest = by_county(rows, material.tree), whole
    for code in material.tree.counties:
        product = counts_in(await figures(reached, *material.period, division=code))
        verdict.judge("counties", code, counties.get(code, Counts()), product)
        rest -= product
    verdict.judge("undetermined", "rows", counties.get(None, Counts()), rest)
    return verdict


async def _import(reached: Platform, file: Path, *, expected: int) -> None:
    done = await import_history(reached, file, mapping_named(MAPPING))
    if done.report.imported != expected or done.report.rejected:
        raise AssertionError(f"{expected} rows to import, but {json.dumps(done.as_json)}")


def lines_of(verdict: Verdict) -> Iterator[str]:
    """The verdict for a person to read."""
    for kind, number in verdict.equal.items():
        yield f"equal: {number} of {kind}"
    for what, counted, product in verdict.different:
        yield f"DIFFERENT: {what}: counted {counted}, product {product}"
    yield from verdict.notes
