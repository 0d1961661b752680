"""Import a whole file: rows in, petitions out, a chunk per transaction, bad rows set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from services.intake.domain.history import HistoricalPetition
from services.intake.domain.mapping import MappingFile
from services.intake.history.reading import HistoricalFile, Rejects, Row
from services.intake.use_cases.desk import Desk
from services.intake.use_cases.importing import CHUNK, ImportedChunk, import_chunk
from shared.db.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import has done so far: rows read = imported + duplicates + rejected."""

    rows: int = 0
    imported: int = 0
    duplicates: int = 0
    rejected: int = 0
    dropped_columns: tuple[str, ...] = ()


async def import_file(
    units: UnitOfWorkFactory,
    desk: Desk,
    path: Path,
    mapping: MappingFile,
    *,
    rejects: Path,
    actor: str,
    on_progress: Callable[[ImportReport], None] = lambda _: None,
) -> ImportReport:
    """Import a CSV or NDJSON file (also .gz) and say what became of its rows.

    May be broken off and run again: rows that are in already count as duplicates. Refused rows go
    to `rejects` with line and reason. Raises FileRefused for a file that can't be read.
    """
    source = HistoricalFile(path, mapping)
    refused = Rejects(rejects)
    report = ImportReport()
    try:
        rows = source.rows()
        while chunk := list(islice(rows, CHUNK)):
            done = await _take_over(units, desk, mapping, chunk, actor=actor)
            for row in _refused(chunk, done):
                refused.add(row)
            report = replace(
                report,
                rows=report.rows + len(chunk),
                imported=report.imported + done.imported,
                duplicates=report.duplicates + done.duplicates,
                rejected=refused.count,
                dropped_columns=tuple(sorted(source.dropped_columns)),
            )
            on_progress(report)
    finally:
        refused.close()
    return report


async def _take_over(
    units: UnitOfWorkFactory, desk: Desk, mapping: MappingFile, rows: list[Row], *, actor: str
) -> ImportedChunk:
    petitions: list[HistoricalPetition] = [row.petition for row in rows if row.petition]
    async with units.begin() as uow:
        return await import_chunk(uow, desk, petitions, published=mapping.published, actor=actor)


def _refused(rows: list[Row], done: ImportedChunk) -> Iterator[Row]:
    for row in rows:
        if row.petition is None:
            yield row
        elif row.petition.source_id in done.refused:
            yield Row(row.line, None, done.refused[row.petition.source_id])
