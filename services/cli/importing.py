"""`xinfang import`: take over history, in this process or through the one that serves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli.options import DATA_DIR, AsJson, DataDir, Token, settings_for
from services.cli.output import counting, fail, finish, waiting
from services.cli.platform import Platform, platform
from services.cli.running import run
from services.intake.domain.mapping import MappingFile
from services.intake.history.importing import ImportReport, import_file
from services.intake.history.reading import HistoricalFile, Rejects, Row
from services.intake.use_cases.desk import MAPPINGS, mapping_named
from shared.kernel.clock import SystemClock
from shared.kernel.errors import NotFound
from shared.web.tokens import OPERATOR_PERSON

SIDE_BY_SIDE = 4
"""Requests under way at a time: enough for a few processes of intake."""
CHUNK_ROWS = 200
CHUNK_CHARACTERS = 200_000
"""A request stays below the body limit even if every character takes three bytes."""

Report = Callable[[ImportReport], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file once everything has settled."""

    report: ImportReport
    elapsed_s: float
    rejects: Path

    @property
    def as_json(self) -> dict[str, Any]:
        """The keys of the command's JSON line."""
        return {
            "rows": self.report.rows,
            "imported": self.report.imported,
            "duplicates": self.report.duplicates,
            "rejected": self.report.rejected,
            "elapsed_s": round(self.elapsed_s, 2),
            "rejects_file": str(self.rejects) if self.report.rejected else None,
            "dropped_columns": list(self.report.dropped_columns),
        }


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
        if result["rejects_file"]:
            console.print(f"拒收的行号与原因见 {result['rejects_file']}", markup=False)
        if result["dropped_columns"]:
            console.print(f"未取用的列：{'、'.join(result['dropped_columns'])}", markup=False)

    finish(done.as_json, show, as_json=as_json)


async def import_history(reached: Platform, file: Path, rules: MappingFile) -> Imported:
    """Import a file, showing how far it is, and wait until all is settled. Raises FileRefused."""
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
    on_progress: Report = lambda _: None,
) -> ImportReport:
    """Send a file to a running intake, a few portions at a time. Raises FileRefused."""
    source, refused, report = HistoricalFile(file, rules), Rejects(rejects), ImportReport()
    path = f"/intake/v1/imports/{rules.name}"
    try:
        waiting_to_go = chunks(source.rows())
        while together := list(islice(waiting_to_go, SIDE_BY_SIDE)):
            answers = await asyncio.gather(*(_sent(reached, path, chunk) for chunk in together))
            for chunk, answer in zip(together, answers, strict=True):
                for row in answer["rejects"]:
                    refused.add(row)
                report = ImportReport(
                    rows=report.rows + len(chunk),
                    imported=report.imported + answer["imported"],
                    duplicates=report.duplicates + answer["duplicates"],
                    rejected=refused.count,
                    dropped_columns=tuple(sorted(source.dropped_columns)),
                )
            on_progress(report)
    finally:
        refused.close()
    return report


async def _sent(reached: Platform, path: str, chunk: list[Row]) -> dict[str, Any]:
    """The answer to one portion, with its `rejects`: rows refused here or there."""
    good = [row for row in chunk if row.petition is not None]
    rejects = [row for row in chunk if row.petition is None]
    answer: dict[str, Any] = {"imported": 0, "duplicates": 0, "refused": []}
    if good:
        answer = await reached.call("POST", path, json={"rows": [row.cells for row in good]})
    rejects += [Row(good[each["index"]].line, None, each["reason"]) for each in answer["refused"]]
    return answer | {"rejects": sorted(rejects, key=lambda row: row.line)}


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
