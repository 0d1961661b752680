"""Import a whole file: rows in, petitions out, a portion at a time, bad rows set aside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from services.intake.desk.use_cases import Desk
from services.intake.history.domain.mapping import MappingFile
from services.intake.history.files.reading import HistoricalFile, Rejects, Row
from services.intake.history.files.text import FileRefused
from services.intake.history.use_cases.importing import CHUNK, ImportedChunk, import_chunk
from shared.db.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import has done so far.

    Two sums hold at any time: `rows` = `imported` + `duplicates` + `rejected`, and, once the file
    is read, `lines` (physical lines of the file) = `header_lines` + `blank_lines` + `row_lines`.
    `unreadable` of the rejected could not be read at all; the others are known under other words or
    break a rule. `refused` says why the file was not read, or not to its end.
    """

    rows: int = 0
    imported: int = 0
    duplicates: int = 0
    rejected: int = 0
    dropped_columns: tuple[str, ...] = ()
    lines: int = field(default=0, compare=False)
    header_lines: int = field(default=0, compare=False)
    blank_lines: int = field(default=0, compare=False)
    row_lines: int = field(default=0, compare=False)
    unreadable: int = field(default=0, compare=False)
    encoding: str = field(default="", compare=False)
    refused: str | None = None

    def of_file(self, source: HistoricalFile) -> ImportReport:
        """With what is known of the file by now."""
        return replace(
            self,
            dropped_columns=tuple(sorted(source.dropped_columns)),
            lines=source.lines,
            header_lines=source.header_lines,
            blank_lines=source.blank_lines,
            encoding=source.encoding,
        )

    def with_portion(self, rows: list[Row], done: ImportedChunk) -> ImportReport:
        """With the rows of one portion."""
        unreadable = sum(row.petition is None for row in rows)
        return replace(
            self,
            rows=self.rows + len(rows),
            imported=self.imported + done.imported,
            duplicates=self.duplicates + done.duplicates,
            rejected=self.rejected + unreadable + len(done.refused),
            row_lines=self.row_lines + sum(row.lines for row in rows),
            unreadable=self.unreadable + unreadable,
        )


Report = Callable[[ImportReport], None]
Take = Callable[[list[Row]], Awaitable[ImportedChunk]]
"""Hands over rows that could be read; `refused` counts from 0 among them."""


def ignore(_: ImportReport) -> None:
    """A report nobody waits for."""


async def import_file(
    units: UnitOfWorkFactory,
    desk: Desk,
    path: Path,
    mapping: MappingFile,
    *,
    rejects: Path,
    actor: str,
    on_progress: Report = ignore,
) -> ImportReport:
    """Import a CSV or NDJSON file (also .gz) and say what became of its rows.

    May be broken off and run again: rows that are in already count as duplicates. Refused rows go
    to `rejects` with line and reason.
    """

    async def take(rows: list[Row]) -> ImportedChunk:
        petitions = [row.petition for row in rows if row.petition]
        async with units.begin() as uow:
            return await import_chunk(
                uow, desk, petitions, published=mapping.published, actor=actor
            )

    source = HistoricalFile(path, mapping)
    return await import_portions(
        source, _portions(source.rows()), take, rejects=rejects, on_progress=on_progress
    )


async def import_portions(
    source: HistoricalFile,
    portions: Iterator[list[Row]],
    take: Take,
    *,
    rejects: Path,
    on_progress: Report = ignore,
    side_by_side: int = 1,
) -> ImportReport:
    """Take over portions of a file's rows, so many at a time.

    Reading goes on in a thread: a file without rows in it must not stop the loop's other work."""
    refused, report = Rejects(rejects), ImportReport()
    read_on = partial(_some, portions, side_by_side)
    try:
        more = True
        while more:
            together, reason = await asyncio.to_thread(read_on)
            for rows, done in zip(
                together, await asyncio.gather(*(_taken(take, rows) for rows in together)),
                strict=True,
            ):  # fmt: skip
                for row in _rejected(rows, done):
                    refused.add(row)
                report = report.with_portion(rows, done).of_file(source)
            more = len(together) == side_by_side and reason is None
            report = replace(report.of_file(source), refused=reason)
            if together:
                on_progress(report)
    finally:
        refused.close()
    if report.refused is None and refused.first and report.unreadable == report.rows:
        first = f"第 {refused.first.line} 行：{refused.first.reason}"
        report = replace(report, refused=f"文件里没有一行可以读取（{first}）")
    return report


def _some(portions: Iterator[list[Row]], number: int) -> tuple[list[list[Row]], str | None]:
    """The next portions, fewer at the end, and why the file ended before its end."""
    together: list[list[Row]] = []
    try:
        for rows in islice(portions, number):
            together.append(rows)  # noqa: PERF402  those before a refusal stay
    except FileRefused as refused:
        return together, str(refused)
    return together, None


def _portions(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while portion := list(islice(rows, CHUNK)):
        yield portion


async def _taken(take: Take, rows: list[Row]) -> ImportedChunk:
    good = [row for row in rows if row.petition is not None]
    return await take(good) if good else ImportedChunk(0, 0, {})


def _rejected(rows: list[Row], done: ImportedChunk) -> Iterator[Row]:
    good = 0
    for row in rows:
        if row.petition is None:
            yield row
            continue
        if good in done.refused:
            yield row.refused(done.refused[good])
        good += 1
