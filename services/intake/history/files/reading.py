"""Historical files row by row: NDJSON and CSV, plain or gzipped, every line accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from services.intake.history.domain.history import HistoricalPetition
from services.intake.history.domain.mapping import MappingFile, RowRefused
from services.intake.history.files.csv_record import LINE_LIMIT, LONG
from services.intake.history.files.csv_records import Records
from services.intake.history.files.text import Decoded, FileRefused, Lines, opened

KINDS = {".csv": "csv", ".ndjson": "json", ".jsonl": "json"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first line in the file, and either the petition or the reason against it.

    `cells` are the good row's own values of mapped columns, for handing it on unread; `last_line`
    is its last line where it has several."""

    line: int
    petition: HistoricalPetition | None
    reason: str | None = None
    cells: dict[str, Any] | None = None
    last_line: int | None = None

    @property
    def lines(self) -> int:
        """How many physical lines are its own."""
        return (self.last_line or self.line) - self.line + 1

    def refused(self, reason: str) -> Row:
        """The same lines, with a reason against them."""
        return Row(self.line, None, reason, last_line=self.last_line)


@dataclass(slots=True)
class HistoricalFile:
    """Rows of one file read with one mapping; memory does not grow with the file.

    Every physical line is the header's, blank, or of exactly one row: at the end `lines` =
    `header_lines` + `blank_lines` + the rows' lines. `dropped_columns` fills as columns are seen
    (at once for CSV)."""

    path: Path
    mapping: MappingFile
    dropped_columns: set[str] = field(default_factory=set)
    lines: int = 0
    header_lines: int = 0
    blank_lines: int = 0
    encoding: str = ""

    def rows(self) -> Iterator[Row]:
        """All rows in file order, bad ones with their reason.

        Raises FileRefused, also in the middle when the compressed data is damaged.
        """
        kind = KINDS.get(Path(self.path.name.lower().removesuffix(".gz")).suffix)
        if kind is None:
            raise FileRefused("只能导入 .csv、.ndjson、.jsonl 文件（可为 .gz）")
        none = True
        with opened(self.path) as (lines, decoded):
            for row in self._csv_rows(lines) if kind == "csv" else self._json_rows(lines):
                none = False
                self._count(lines, decoded)
                yield row
            self._count(lines, decoded)
        if none:
            raise FileRefused("文件里没有数据行")

    def _count(self, lines: Lines, decoded: Decoded) -> None:
        self.lines, self.encoding = lines.done, decoded.encoding or "utf-8"

    def _csv_rows(self, lines: Lines) -> Iterator[Row]:
        rules = self.mapping
        records = Records(
            lines, needed=rules.needed, mapped=rules.mapped, id_of_row=rules.id_of_row
        )
        self.header_lines = records.header_lines
        self.dropped_columns |= set(rules.dropped(records.columns))
        for record in records:
            self.blank_lines = records.blank_lines
            yield self._read(record.line, record.last_line, record.cells, record.fault)
        self.blank_lines = records.blank_lines

    def _json_rows(self, lines: Lines) -> Iterator[Row]:
        first = True
        while True:
            self.blank_lines += lines.skip_blank()
            number, line, size = lines.done + 1, "", 0
            for piece in lines.pieces():
                size += len(piece)
                line = line + piece if size <= LINE_LIMIT else ""
            if not size:
                return
            value, fault = (None, LONG) if size > LINE_LIMIT else _object(line)
            if first and line.lstrip().startswith(("[{", "[\n", "[\r")):
                raise FileRefused("文件是一个 JSON 数组；应当每行一个 JSON 对象（NDJSON）")
            if first and value is not None and not any(key in value for key in self.mapping.needed):
                raise FileRefused(f"文件缺少列：{'、'.join(self.mapping.needed)}")
            first = first and value is None
            if value is not None:
                self.dropped_columns |= set(self.mapping.dropped(value))
            yield self._read(number, number, value, fault)

    def _read(
        self, line: int, last_line: int, cells: dict[str, Any] | None, fault: str | None
    ) -> Row:
        last = last_line if last_line > line else None
        if cells is None or fault:
            return Row(line, None, fault, last_line=last)
        mapped = {name: cells[name] for name in self.mapping.mapped if name in cells}
        try:
            return Row(line, self.mapping.read(mapped), cells=mapped, last_line=last)
        except RowRefused as refused:
            return Row(line, None, refused.detail, last_line=last)


class Rejects:
    """Writes refused rows as NDJSON: `{"line": 7, "reason": "…"}`, with `last_line` where a row
    has several. The row itself is not copied, it may hold a person's data."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        self.count = 0
        self.first: Row | None = None

    def add(self, row: Row) -> None:
        """Note one refused row."""
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8")
            self.first = row
        said: dict[str, Any] = {"line": row.line, "reason": row.reason}
        if row.last_line:
            said["last_line"] = row.last_line
        self._file.write(json.dumps(said, ensure_ascii=False) + "\n")
        self.count += 1

    def close(self) -> None:
        """Close the file if one was needed."""
        if self._file is not None:
            self._file.close()


class _Doubtful(ValueError):
    """A key stands twice: two readers would read two rows."""


def _object(line: str) -> tuple[dict[str, Any] | None, str | None]:
    """The JSON object of a line, numbers as they are written, or what is wrong with it."""
    try:
        value = json.loads(
            line, parse_constant=_no_constant, parse_float=str, object_pairs_hook=_once
        )
    except _Doubtful:
        return None, "同一个键出现多次"
    except (ValueError, RecursionError):
        return None, "不是有效的 JSON"
    return (value, None) if isinstance(value, dict) else (None, "不是 JSON 对象")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Doubtful
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)
