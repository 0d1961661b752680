"""Months and the same period of last year, also at the ends of the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from services.analytics.registry.domain.period import Period, month_of, next_month


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2024, 2, 10), date(2024, 2, 1), date(2024, 2, 29)),
        (date(2025, 12, 31), date(2025, 12, 1), date(2025, 12, 31)),
        (date(9999, 12, 5), date(9999, 12, 1), date.max),
    ],
)
def test_month_has_its_first_and_last_day(day: date, first: date, last: date) -> None:
    assert month_of(day) == Period(first, last)


def test_next_month_of_december_is_january() -> None:
    assert next_month(date(2025, 12, 31)) == date(2026, 1, 1)


def test_leap_day_has_the_28th_a_year_before() -> None:
    period = Period(date(2024, 2, 1), date(2024, 2, 29))
    assert period.year_before == Period(date(2023, 2, 1), date(2023, 2, 28))


def test_first_year_of_the_calendar_has_none_before() -> None:
    period = Period(date.min, date(1, 12, 31))
    assert period.year_before == period
