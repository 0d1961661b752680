"""Limits and due dates a second time, one day after another, from the editions' own text (DL14).

Shares no code with shared.kernel.workdays and shared.reference.limits on purpose: a mistake there
shows as a difference here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

Row = Mapping[str, str]
Pauses = Sequence[tuple[date, date]]
Granted = tuple[int, date] | None
ONE = timedelta(days=1)
WORKED = ("workday", "makeup")
WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Days:
    """One calendar: the days its file lists; between the first and the last of them the week
    decides about the others, outside every day counts."""

    listed: Mapping[date, bool]
    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> Days:
        """From the text of calendar.csv."""
        listed = {
            date.fromisoformat(row["date"]): row["kind"] in WORKED
            for row in csv.DictReader(StringIO(text))
        }
        return cls(listed, min(listed), max(listed))

    def worked(self, day: date) -> bool | None:
        """Whether people work on a day, None where the calendar does not reach."""
        if not self.first <= day <= self.last:
            return None
        return self.listed.get(day, day.weekday() not in WEEKEND)

    def last_day(self, start: date, length: int, row: Row, pauses: Pauses = ()) -> date:
        """The last day of a limit: the day after `start` is day one, a day in a pause is none."""
        day, left = start, length
        while left > 0:
            day += ONE
            if any(first <= day <= last for first, last in pauses):
                continue
            if row["unit"] == "calendar" or self.worked(day) is not False:
                left -= 1
        while row["roll"] == "yes" and self.worked(day) is False:
            day += ONE
        return day


@dataclass(slots=True)
class Tables:
    """One limit table, and every calendar a due date may have been counted by: a date that was
    announced is not counted anew when the calendar changes."""

    limits: Sequence[Row]
    calendars: Sequence[Days]
    _counted: dict[tuple[object, ...], frozenset[date]] = field(default_factory=dict)

    @classmethod
    def read(cls, limits: str, calendars: Sequence[str]) -> Tables:
        """From the text of limits.csv and of calendar.csv in each edition."""
        return cls(list(csv.DictReader(StringIO(limits))), [Days.read(text) for text in calendars])

    def limit(
        self, kinds: Sequence[str], *, division: str, purpose: str, source: str, on: date
    ) -> Row | None:
        """The row in force for the first of `kinds` that has any, the most particular one."""
        day = on.isoformat()
        for kind in kinds:
            fitting = [
                row
                for row in self.limits
                if row["kind"] == kind
                and row["effective_from"] <= day <= (row["effective_to"] or "9999")
                and division.startswith(row["region"])
                and (not row["purpose"] or purpose in row["purpose"].split(";"))
                and row["source"] in ("", source)
            ]
            if fitting:
                return max(fitting, key=_particular)
        return None

    def last_days(
        self, start: date, length: int, row: Row, granted: Granted = None, pauses: Pauses = ()
    ) -> frozenset[date]:
        """The last day by each of the calendars; days granted in time are added, as many as the
        row lets."""
        key = (start, length, row["unit"], row["roll"], row["limit_id"], granted, tuple(pauses))
        if key not in self._counted:
            counted = set()
            for days in self.calendars:
                last = days.last_day(start, length, row, pauses)
                if granted is not None and granted[1] <= last:
                    more = max(0, min(granted[0], int(row["extension_days"])))
                    last = days.last_day(start, length + more, row, pauses)
                counted.add(last)
            self._counted[key] = frozenset(counted)
        return self._counted[key]


def end_of(day: date, zone: str) -> datetime:
    """24:00 of a local day, in UTC."""
    midnight = datetime.combine(day + ONE, time(0), ZoneInfo(zone))
    return midnight.astimezone(UTC)


def _particular(row: Row) -> tuple[int, bool, bool]:
    return len(row["region"]), row["source"] != "", row["purpose"] != ""
