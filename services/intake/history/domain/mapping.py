"""A mapping file: which column of a foreign file is which field of a petition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.intake.history.domain.history import HistoricalPetition
from services.intake.history.domain.written_dates import day_written
from services.intake.petitions.domain.filing import check_words
from shared.kernel.errors import DomainError
from shared.kernel.plain_text import says_something
from shared.vocabulary.petitions import Channel, Origin, Purpose

REQUIRED = ("source_id", "subject", "text", "received_at")
SOURCE_ID_LIMIT = 100
ROW_LIMIT = 150_000
"""Characters of one row's mapped columns: as JSON they stay below the body limit of a request even
if each of them is escaped."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ROUNDED = re.compile(r"[-+]?\d+(?:[.,]\d+)?[eE][-+]\d+|[-+]?\d+[.,]\d+[eE]\d+", re.ASCII)
"""A long number as a spreadsheet writes it, its last digits lost. (An `e` alone, without sign or
point, may be a hexadecimal id.)"""


class RowRefused(DomainError):
    """A row of the file can't become a petition; `detail` says why, without quoting it."""

    code = "row_refused"


class MappingFile:
    """The rules of one mapping, checked and ready."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Read the parsed TOML. Raises ValueError when it is incomplete."""
        try:
            self.name = str(data["name"])
            self.source = str(data["source"])
            self.edition = str(data["edition"])
            self.published = bool(data["published"])
            self._columns = {str(field): str(column) for field, column in data["columns"].items()}
            self._subject_alone = bool(data.get("located_by_subject_alone", False))
            self._channel = Channel(data["channel"])
            self._origin = Origin(data["origin"])
            self._zone = ZoneInfo(data["timezone"])
            self._otherwise = Purpose(data["purpose"]["otherwise"])
            self._suggestion = re.compile("|".join(data["purpose"]["suggestion"]))
            self._dropped = re.compile("|".join(data["dropped"]["columns"]))
        except KeyError as error:
            raise ValueError(f"mapping file: {error} is missing") from error
        if missing := [field for field in REQUIRED if field not in self._columns]:
            raise ValueError(f"mapping file: columns for {', '.join(missing)} are missing")

    def dropped(self, columns: Iterable[str]) -> list[str]:
        """Columns that flag persons and are left behind."""
        return sorted(column for column in columns if self._dropped.search(column))

    @property
    def needed(self) -> list[str]:
        """Columns a file must have."""
        return [self._columns[field] for field in REQUIRED]

    @property
    def mapped(self) -> list[str]:
        """Columns that are read; no other leaves the file."""
        return list(self._columns.values())

    def id_of_row(self, row: Mapping[str, Any]) -> str | None:
        """The id of what has a date in its place too, as no part of a text has by chance."""
        try:
            return self._source_id(row) if self._day(row, "received_at") else None
        except RowRefused:
            return None

    def read(self, row: Mapping[str, Any]) -> HistoricalPetition:
        """One row as a petition. Raises RowRefused."""
        if sum(len(str(row.get(column) or "")) for column in self._columns.values()) > ROW_LIMIT:
            raise RowRefused(f"内容过长，一行至多 {ROW_LIMIT} 个字")
        source_id = self._source_id(row)
        try:
            subject, text = check_words(self._value(row, "subject"), self._value(row, "text"))
        except DomainError as error:
            raise RowRefused(error.detail) from error
        received_on = self._day(row, "received_at")
        if received_on is None:
            raise RowRefused("没有收到日期")
        answered_on = self._day(row, "answered_at")
        if answered_on is not None and answered_on < received_on:
            raise RowRefused("答复日期早于收到日期")
        return HistoricalPetition(
            source=self.source,
            source_id=source_id,
            subject=subject,
            text=text,
            channel=self._channel,
            origin=self._origin,
            purpose=self._purpose(subject),
            received_on=received_on,
            answered_on=answered_on,
            answer=self._value(row, "answer") or None,
            category=self._value(row, "category") or None,
            division_code=self._value(row, "division") or None,
            located_by_subject_alone=self._subject_alone,
        )

    def _source_id(self, row: Mapping[str, Any]) -> str:
        written = self._value(row, "source_id")
        if not says_something(written) or len(written) > SOURCE_ID_LIMIT:
            raise RowRefused("没有可用的来源编号")
        if isinstance(row.get(self._columns["source_id"]), float) or _ROUNDED.fullmatch(written):
            raise RowRefused(
                "来源编号被表格软件改成了约数（科学计数法），请把该列设为文本后重新导出"
            )
        return written

    def _purpose(self, subject: str) -> Purpose:
        return Purpose.SUGGESTION if self._suggestion.search(subject) else self._otherwise

    def _value(self, row: Mapping[str, Any], field: str) -> str:
        value = row.get(self._columns.get(field, ""))
        if value is None:
            return ""
        if isinstance(value, bool | dict | list):
            raise RowRefused("字段的值不是文字")
        text = str(value)
        if _UNSTORABLE.search(text):
            raise RowRefused("含有不能保存的字符")
        return text.strip()

    def _day(self, row: Mapping[str, Any], field: str) -> date | None:
        written = self._value(row, field)
        if not written:
            return None
        try:
            return day_written(written, self._zone)
        except ValueError as error:
            raise RowRefused("日期不能识别") from error
