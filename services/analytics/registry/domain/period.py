"""Periods of local dates of receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates of receipt, both included."""

    first: date
    last: date

    @property
    def year_before(self) -> Period:
        """The same period last year; 29 February becomes 28 February."""
        return Period(_year_before(self.first), _year_before(self.last))


def month_of(day: date) -> Period:
    """The calendar month a day lies in."""
    first = day.replace(day=1)
    following = next_month(day)
    last = date.max if following == date.max else following - timedelta(days=1)
    return Period(first, last)


def next_month(day: date) -> date:
    """The first day of the next month; the last day of the calendar where there is none."""
    if (day.year, day.month) == (date.max.year, date.max.month):
        return date.max
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _year_before(day: date) -> date:
    if day.year == date.min.year:  # the calendar has no earlier one
        return day
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
