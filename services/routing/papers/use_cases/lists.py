"""A list as .xlsx: typed columns, text that stays text, a limit on rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from shared.kernel.errors import Invalid
from shared.papers.errors import ListTooLong
from shared.papers.text import in_one_line, printable

MOST_ROWS = 50_000
MOST_CELL = 32_767
"""UTF-16 units in one cell, the format's own limit; a longer text is cut there and says so."""
HEAD_ROW = 2
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


class ColumnKind(StrEnum):
    """How a column's cells are written."""

    TEXT = "text"
    DATE = "date"
    INT = "int"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `width` in characters of a Latin letter, a Chinese one takes two."""

    title: str
    kind: ColumnKind = ColumnKind.TEXT
    width: int = 16


@dataclass(frozen=True, slots=True)
class ListHead:
    """The line above the list: what it is, of whose scope, as of when (local time)."""

    title: str
    scope: str
    as_of: datetime


Cell = str | int | date | None


def to_xlsx(
    head: ListHead,
    columns: tuple[Column, ...],
    rows: Iterable[tuple[Cell, ...]],
    *,
    most: int = MOST_ROWS,
) -> bytes:
    """The list's bytes, equal for equal input. None is an empty cell.

    A formula is a text like any other. Raises ListTooLong above `most` rows, Invalid for a cell of
    another kind than its column's.
    """
    made = BytesIO()
    with xlsxwriter.Workbook(made, OPTIONS) as book:
        book.set_properties(
            {"title": in_one_line(head.title), "created": head.as_of.replace(tzinfo=None)}
        )
        bold = book.add_format({"bold": True, "font_size": 14})
        top = book.add_format({"bold": True, "border": 1, "bg_color": "#E7EDF5", "align": "center"})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        formats = {
            ColumnKind.TEXT: text,
            ColumnKind.DATE: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            ColumnKind.INT: book.add_format({"num_format": "0", "valign": "top"}),
        }
        sheet = book.add_worksheet("清单")
        sheet.write_string(0, 0, in_one_line(head.title), bold)
        as_of = f"{head.as_of:%Y-%m-%d %H:%M}"
        sheet.write_string(1, 0, in_one_line(f"范围：{head.scope}　截至：{as_of}"))
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(HEAD_ROW, place, in_one_line(column.title), top)
        sheet.freeze_panes(HEAD_ROW + 1, 0)
        count = 0
        for count, row in enumerate(rows, start=1):
            if count > most:
                raise ListTooLong(f"清单超过 {most} 行，请缩小范围", most=most)
            for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
                _write(sheet, HEAD_ROW + count, place, column, cell, formats[column.kind])
        sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + count, len(columns) - 1)
        sheet.repeat_rows(HEAD_ROW)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
    return made.getvalue()


def _write(
    sheet: Worksheet, row: int, place: int, column: Column, cell: Cell, form: object
) -> None:
    match column.kind, cell:
        case _, None:
            return
        case ColumnKind.TEXT, str():
            sheet.write_string(row, place, _fitting(printable(cell)), form)
        case ColumnKind.DATE, date() if not isinstance(cell, datetime):
            sheet.write_datetime(row, place, cell, form)
        case ColumnKind.INT, int() if not isinstance(cell, bool):
            sheet.write_number(row, place, cell, form)
        case _:
            raise Invalid(f"“{column.title}”第 {row - HEAD_ROW} 行的内容不符合要求")


def _fitting(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_CELL:
        return text
    note = f"……（单元格放不下，以下略；全文共{len(text)}字）"
    room = 2 * (MOST_CELL - len(note))
    return units[:room].decode("utf-16-le", "ignore") + note
