"""`xinfang import`: take over history, in this process or through the one that serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli.options import DATA_DIR, AsJson, DataDir, Token, settings_for
from services.cli.output import counting, fail, finish, tell, waiting
from services.cli.platform import Platform, platform
from services.cli.running import run
from services.intake.history.domain.mapping import ROW_LIMIT, MappingFile
from services.intake.history.files.importing import (
    ImportReport,
    Report,
    ignore,
    import_file,
    import_portions,
)
from services.intake.history.files.reading import HistoricalFile, Row
from services.intake.history.use_cases.importing import ImportedChunk
from services.intake.history.use_cases.mappings import MAPPINGS, mapping_named
from shared.kernel.clock import SystemClock
from shared.kernel.errors import NotFound
from shared.web.tokens import OPERATOR_PERSON

SIDE_BY_SIDE = 4
"""Requests under way at a time: enough for a few processes of intake."""
CHUNK_ROWS = 200
CHUNK_CHARACTERS = ROW_LIMIT
"""A request stays below the body limit as long as that of its largest row does."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file once everything has settled."""

    report: ImportReport
    elapsed_s: float
    rejects: Path

    @property
    def as_json(self) -> dict[str, Any]:
        """The keys of the command's JSON line: rows = imported + duplicates + rejected, and lines =
        header_lines + blank_lines + row_lines unless `error` says why the file was not read."""
        said = {
            "rows": self.report.rows,
            "imported": self.report.imported,
            "duplicates": self.report.duplicates,
            "rejected": self.report.rejected,
            "lines": self.report.lines,
            "header_lines": self.report.header_lines,
            "blank_lines": self.report.blank_lines,
            "row_lines": self.report.row_lines,
            "encoding": self.report.encoding,
            "elapsed_s": round(self.elapsed_s, 2),
            "rejects_file": str(self.rejects) if self.report.rejected else None,
            "dropped_columns": list(self.report.dropped_columns),
        }
        return said | ({"error": self.report.refused} if self.report.refused else {})


def import_command(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV 或 NDJSON，可为 .gz")
    ],
    mapping: Annotated[str, typer.Option("--map", help=f"列的映射：{'、'.join(MAPPINGS)}")],
    data_dir: DataDir = DATA_DIR,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """导入历史信访件（含答复）；可中断后重来，重复的行不会重复登记。"""
    settings = settings_for(data_dir, as_json=as_json)
    try:
        rules = mapping_named(mapping)
    except NotFound as error:
        fail(f"{error.detail}：{mapping}", f"可选：{'、'.join(MAPPINGS)}", as_json=as_json)

    async def work() -> Imported:
        async with platform(settings, token=token) as reached:
            return await import_history(reached, file, rules)

    done = run(work(), as_json=as_json)

    def show(console: Console) -> None:
        result = done.as_json
        console.print(
            f"共 {result['rows']} 行：导入 {result['imported']}，重复 {result['duplicates']}，"
            f"拒收 {result['rejected']}，用时 {result['elapsed_s']} 秒。"
        )
        console.print(
            f"文件共 {result['lines']} 行：表头 {result['header_lines']}，"
            f"空行 {result['blank_lines']}，数据 {result['row_lines']}。"
        )
        if result["rejects_file"]:
            console.print(f"拒收的行号与原因见 {result['rejects_file']}", markup=False)
        if result["dropped_columns"]:
            console.print(f"未取用的列：{'、'.join(result['dropped_columns'])}", markup=False)

    finish(done.as_json, show, as_json=as_json)
    if done.report.refused:
        tell(f"错误：{done.report.refused}")
        raise typer.Exit(1)


async def import_history(reached: Platform, file: Path, rules: MappingFile) -> Imported:
    """Import a file, showing how far it is, and wait until all is settled."""
    clock = SystemClock()
    began = clock.monotonic()
    folder = reached.settings.data_dir / "rejects"
    folder.mkdir(parents=True, exist_ok=True)
    rejects = folder / f"{file.name}.rejects.ndjson"
    rejects.unlink(missing_ok=True)
    with counting("导入历史信访件") as count:
        report = await _rows_in(
            reached, file, rules, rejects=rejects, on_progress=lambda now: count(now.rows)
        )
    with waiting("等待各服务处理完毕…"):
        await reached.settle()
    return Imported(report, clock.monotonic() - began, rejects)


async def _rows_in(
    reached: Platform, file: Path, rules: MappingFile, *, rejects: Path, on_progress: Report
) -> ImportReport:
    if reached.standalone is None:
        return await import_rows(reached, file, rules, rejects=rejects, on_progress=on_progress)
    intake = reached.standalone.services[0]
    return await import_file(
        intake.units, intake.resources, file, rules,
        rejects=rejects, actor=OPERATOR_PERSON, on_progress=on_progress,
    )  # fmt: skip


async def import_rows(
    reached: Platform,
    file: Path,
    rules: MappingFile,
    *,
    rejects: Path,
    on_progress: Report = ignore,
) -> ImportReport:
    """Send a file to a running intake, a few portions at a time."""

    async def take(rows: list[Row]) -> ImportedChunk:
        answer = await reached.call(
            "POST", f"/intake/v1/imports/{rules.name}", json={"rows": [row.cells for row in rows]}
        )
        refused = {each["index"]: each["reason"] for each in answer["refused"]}
        return ImportedChunk(answer["imported"], answer["duplicates"], refused)

    source = HistoricalFile(file, rules)
    return await import_portions(
        source, chunks(source.rows()), take,
        rejects=rejects, on_progress=on_progress, side_by_side=SIDE_BY_SIDE,
    )  # fmt: skip


def chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows in portions that fit into one request."""
    chunk: list[Row] = []
    size = 0
    for row in rows:
        length = sum(len(str(value)) for value in (row.cells or {}).values())
        if chunk and (len(chunk) == CHUNK_ROWS or size + length > CHUNK_CHARACTERS):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += length
    if chunk:
        yield chunk
