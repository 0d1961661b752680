"""The working calendar: reads an edition's file into shared.kernel.workdays.Calendar."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from io import StringIO

from shared.kernel.errors import DomainError
from shared.kernel.workdays import Calendar
from shared.vocabulary.duties import DayKind

SATURDAY = 5
COLUMNS = ("date", "kind", "name", "source")


class CalendarUnreadable(DomainError):
    """A calendar file is malformed; `detail` names line and fault."""

    code = "calendar_unreadable"


def read_calendar(text: str) -> Calendar:
    """A calendar from the text of its CSV file (date, kind, name, source; UTF-8, with header).

    The first and the last date with a row bound what is known. Days without a row between them
    follow the week: Monday to Friday are working days. Raises CalendarUnreadable.
    """
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise CalendarUnreadable(f"列名应为 {','.join(COLUMNS)}")
    listed: dict[date, DayKind] = {}
    names: dict[date, str] = {}
    for row in reader:
        try:
            day, kind = date.fromisoformat(row["date"]), DayKind(row["kind"])
        except (TypeError, ValueError) as error:
            raise CalendarUnreadable(f"第 {reader.line_num} 行：{error}") from error
        if day in listed:
            raise CalendarUnreadable(f"第 {reader.line_num} 行：{day} 重复")
        listed[day] = kind
        if row["name"]:
            names[day] = row["name"]
    if not listed:
        raise CalendarUnreadable("没有任何日期")
    first, last = min(listed), max(listed)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return Calendar({day: listed.get(day, _by_week(day)) for day in span}, names=names)


@lru_cache(maxsize=1)
def packaged_calendar() -> Calendar:
    """The calendar that comes with the program."""
    return read_calendar(packaged_text("calendar.csv"))


def packaged_text(name: str) -> str:
    """Text of a reference data file that comes with the program."""
    return (files("shared.reference") / "data" / name).read_text(encoding="utf-8")


def _by_week(day: date) -> DayKind:
    return DayKind.REST if day.weekday() >= SATURDAY else DayKind.WORKDAY
