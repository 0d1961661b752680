"""Streaming readers of historical files: NDJSON and CSV, plain or gzipped, one row at a time."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from services.intake.domain.history import HistoricalPetition
from services.intake.domain.mapping import MappingFile, RowRefused

LINE_LIMIT = 1_000_000
"""Characters of one row; a longer one is rejected, not read into memory as a petition."""


class FileRefused(ValueError):
    """The file as a whole can't be read: unknown kind, no header, a needed column missing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first line in the file, and either the petition or the reason against it.

    `cells` are the good row's own values, for handing it on unread."""

    line: int
    petition: HistoricalPetition | None
    reason: str | None = None
    cells: dict[str, Any] | None = None


@dataclass(slots=True)
class HistoricalFile:
    """Rows of one file read with one mapping.

    `dropped_columns` fills as columns are seen (at once for CSV); memory does not grow with the
    file.
    """

    path: Path
    mapping: MappingFile
    dropped_columns: set[str] = field(default_factory=set)

    def rows(self) -> Iterator[Row]:
        """All rows in file order, bad ones with their reason.

        Raises FileRefused, also in the middle when the compressed data is damaged.
        """
        name = self.path.name.lower().removesuffix(".gz")
        with _opened(self.path) as lines:
            try:
                if name.endswith(".csv"):
                    yield from self._csv_rows(lines)
                elif name.endswith((".ndjson", ".jsonl")):
                    yield from self._json_rows(lines)
                else:
                    raise FileRefused("only .csv, .ndjson and .jsonl (also .gz) can be imported")
            except (EOFError, gzip.BadGzipFile) as error:
                raise FileRefused("the compressed file is damaged") from error

    def _csv_rows(self, lines: TextIO) -> Iterator[Row]:
        reader = csv.DictReader(lines, strict=True)
        header = reader.fieldnames
        if not header:
            raise FileRefused("the file has no header line")
        self.dropped_columns |= set(self.mapping.dropped(header))
        line = reader.line_num + 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:
                yield Row(line, None, "行格式错误")
                line = reader.line_num + 1
                continue
            if cells is None:
                return
            if None in cells or None in cells.values():
                yield Row(line, None, "列数与表头不符")
            else:
                yield self._read(line, cells)
            line = reader.line_num + 1

    def _json_rows(self, lines: TextIO) -> Iterator[Row]:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            if len(line) > LINE_LIMIT:
                yield Row(number, None, "行过长")
                continue
            try:
                value = json.loads(line, parse_constant=_no_constant)
            except (ValueError, RecursionError):
                yield Row(number, None, "不是有效的 JSON")
                continue
            if not isinstance(value, dict):
                yield Row(number, None, "不是 JSON 对象")
                continue
            self.dropped_columns |= set(self.mapping.dropped(value))
            yield self._read(number, value)

    def _read(self, line: int, cells: dict[str, Any]) -> Row:
        try:
            return Row(line, self.mapping.read(cells), cells=cells)
        except RowRefused as refused:
            return Row(line, None, refused.detail)


class Rejects:
    """Writes refused rows as NDJSON: `{"line": 7, "reason": "…"}`. The row itself is not copied,
    it may hold a person's data."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        self.count = 0

    def add(self, row: Row) -> None:
        """Note one refused row."""
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8")
        self._file.write(json.dumps({"line": row.line, "reason": row.reason}, ensure_ascii=False))
        self._file.write("\n")
        self.count += 1

    def close(self) -> None:
        """Close the file if one was needed."""
        if self._file is not None:
            self._file.close()


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with (
        opener(path, "rb") as raw,
        io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="") as text,
    ):
        yield text


def _no_constant(name: str) -> Any:
    raise ValueError(name)
