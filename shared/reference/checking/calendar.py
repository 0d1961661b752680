"""A calendar: what a day can be, and days that nobody knows yet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from io import StringIO

from shared.kernel.workdays import Calendar
from shared.reference.calendar import SATURDAY, packaged_text, read_calendar
from shared.reference.checking.faults import Faults
from shared.reference.checking.specs import CALENDAR
from shared.reference.checking.tables import Row, rows_of
from shared.vocabulary.duties import DayKind

EARLIEST = 2000
"""No day before it is a legal day of anything kept here."""


@dataclass(frozen=True, slots=True)
class Festival:
    """A statutory holiday: between `first` and `last` (month, day) at least so many of Monday to
    Friday are no working days, in every year since `since`."""

    name: str
    since: int
    first: tuple[int, int]
    last: tuple[int, int]
    weekdays: int


def check_calendar(text: str, faults: Faults, *, today: date) -> None:
    """Note days that can't be what they are called, years no notice can exist for yet, and years
    that are not known whole up to the last day listed."""
    before = len(faults.found)
    found = rows_of(CALENDAR, text, faults)
    for line, row in found.values():
        if reason := _reason(row, today):
            faults.add(CALENDAR.name, line, reason)
    if not found:
        faults.add(CALENDAR.name, 0, "没有任何日期")
    if len(faults.found) > before:
        return
    calendar = read_calendar(text)
    for year, missing in unknown_years(calendar):
        last = min(calendar.last, date(year, 12, 31))
        faults.add(
            CALENDAR.name,
            0,
            f"日历列到 {last}，{year} 年却没有{'、'.join(missing)}的放假：给出的不是完整的安排，"
            "其间的日子不能当作已知；请从元旦起按通知给出全年",
        )


def unknown_years(calendar: Calendar) -> Iterator[tuple[int, list[str]]]:
    """Years within the calendar, with the statutory holidays it does not have in them."""
    for year in range(calendar.first.year, calendar.last.year + 1):
        missing = [
            festival.name
            for festival in festivals()
            if festival.since <= year and not _has(calendar, year, festival)
        ]
        if missing:
            yield year, missing


def _has(calendar: Calendar, year: int, festival: Festival) -> bool:
    first, last = date(year, *festival.first), date(year, *festival.last)
    if first < calendar.first or last > calendar.last:
        return True
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return (
        sum(day.weekday() < SATURDAY and not _works(calendar, day) for day in days)
        >= festival.weekdays
    )


def _works(calendar: Calendar, day: date) -> bool:
    kind = calendar.kind_of(day)
    return kind is None or kind.is_working


def _reason(row: Row, today: date) -> str:
    day, kind = date.fromisoformat(row["date"]), DayKind(row["kind"])
    weekend = day.weekday() >= SATURDAY
    name = "一二三四五六日"[day.weekday()]
    if not EARLIEST <= day.year <= today.year + 1:
        return f"{day.year} 年的安排不会已经公布（至多到 {today.year + 1} 年），请核对年份"
    if kind is DayKind.MAKEUP and not weekend:
        return f"{day} 是星期{name}，不会是调休上班（makeup）"
    if kind is DayKind.REST and not weekend:
        return f"{day} 是星期{name}，不是周末（rest）；放假写 holiday"
    if kind is DayKind.WORKDAY and weekend:
        return f"{day} 是星期{name}，不是平日（workday）；调休上班写 makeup"
    return ""


@cache
def festivals() -> tuple[Festival, ...]:
    """The statutory holidays of data/festivals.csv."""
    rows: Iterator[Mapping[str, str]] = csv.DictReader(StringIO(packaged_text("festivals.csv")))
    return tuple(
        Festival(
            row["name"],
            int(row["since"]),
            _month_day(row["first"]),
            _month_day(row["last"]),
            int(row["weekdays"]),
        )
        for row in rows
    )


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
