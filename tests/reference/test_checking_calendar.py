"""The calendar: the packaged one by an independent table, what a day can be, what nobody knows."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from shared.reference.calendar import packaged_calendar, packaged_text
from shared.reference.checking.calendar import check_calendar
from shared.reference.checking.faults import Faults

CALENDAR = packaged_text("calendar.csv")
TODAY = date(2026, 11, 30)
YEAR_2027 = """\
2027-01-01,holiday,元旦,t
2027-02-04,holiday,春节,t
2027-02-05,holiday,春节,t
2027-02-06,holiday,春节,t
2027-02-07,holiday,春节,t
2027-02-08,holiday,春节,t
2027-02-09,holiday,春节,t
2027-02-10,holiday,春节,t
2027-02-20,makeup,春节,t
2027-04-05,holiday,清明节,t
2027-05-03,holiday,劳动节,t
2027-06-09,holiday,端午节,t
2027-09-15,holiday,中秋节,t
2027-10-01,holiday,国庆节,t
2027-10-04,holiday,国庆节,t
2027-10-05,holiday,国庆节,t
2027-12-31,workday,,t
"""


def faults_of(more: str, *, text: str = CALENDAR) -> str:
    faults = Faults()
    check_calendar(text + more, faults, today=TODAY)
    return faults.words


def test_every_day_of_2007_to_2026_agrees_with_an_independent_table() -> None:
    calendar, day = packaged_calendar(), date(2007, 1, 1)
    other = []
    while day <= date(2026, 12, 31):
        kind = calendar.kind_of(day)
        assert kind is not None
        if kind.is_working != chinese_calendar.is_workday(day):
            other.append(day)
        day += timedelta(days=1)
    assert other == []


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2005-12-31", True),  # Saturday, by the notice for 2006
        ("2006-12-30", True), ("2006-12-31", True),  # the weekend before 2007, by its notice
        ("2007-12-29", True), ("2007-12-31", False),  # by the notice for 2008
        ("2011-12-31", True), ("2018-12-29", True), ("2018-12-31", False),
        ("2022-12-31", False), ("2023-12-30", False),
    ],
)  # fmt: skip
def test_a_notice_also_moves_days_of_the_year_before(day: str, works: bool) -> None:
    kind = packaged_calendar().kind_of(date.fromisoformat(day))
    assert kind is not None
    assert kind.is_working is works


def test_the_packaged_calendar_and_a_whole_further_year_are_sound() -> None:
    assert faults_of("") == faults_of(YEAR_2027) == ""


@pytest.mark.parametrize(
    "rows",
    [
        "2027-10-01,holiday,国庆节,t\n2027-10-04,holiday,国庆节,t\n2027-10-05,holiday,国庆节,t\n",
        "2027-12-31,workday,,t\n",  # a year of which nothing is known but its end
        "2027-01-01,holiday,元旦,t\n2027-12-31,workday,,t\n",
        YEAR_2027.replace("2027-05-03,holiday,劳动节,t\n", ""),  # one holiday forgotten
        "".join(line for line in YEAR_2027.splitlines(keepends=True) if "-02-" not in line),
    ],
    ids=["october", "new year's eve", "both ends", "no 1 May", "no spring festival"],
)
def test_days_nobody_knows_do_not_become_known_by_a_later_row(rows: str) -> None:
    assert "不能当作已知" in faults_of(rows)


def test_the_beginning_of_a_year_is_known_as_far_as_it_goes() -> None:
    until_may = YEAR_2027[: YEAR_2027.index("2027-06-09")]
    assert faults_of(until_may) == ""


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2207-01-01,holiday,元旦,t", "2207 年的安排不会已经公布"),
        ("2028-01-01,holiday,元旦,t", "2028 年的安排不会已经公布"),
        ("0206-01-01,holiday,元旦,t", "206 年的安排"),
        ("2026-12-07,makeup,,t", "星期一，不会是调休上班"),
        ("2026-12-05,workday,,t", "星期六，不是平日"),
        ("2026-12-07,rest,,t", "星期一，不是周末"),
        ("2026-10-10,holiday,,t", "重复：2026-10-10"),
        ("2026-10-10,makeup,,t", "重复：2026-10-10"),
        ("2026-13-01,holiday,,t", "没有 2026-13-01 这一天"),
        ("2026-9-1,holiday,,t", "不是 2026-05-01 这样的日期"),
        ("20261207,holiday,,t", "不是 2026-05-01 这样的日期"),
        ("2026-12-07,feast,,t", "“feast”不是"),
        ("2026-12-07,holiday,国庆\u200b节,t", "看不见的字符"),
        ("2026-12-07,holiday,t", "应有 4 列，实有 3 列"),
    ],
)
def test_a_day_that_can_not_be_so_is_refused_with_its_line(row: str, reason: str) -> None:
    words = faults_of(row)
    assert words.startswith(f"calendar.csv 第 {len(CALENDAR.splitlines()) + 1} 行：")
    assert reason in words


def test_an_empty_calendar_is_refused() -> None:
    assert "没有任何日期" in faults_of("", text="date,kind,name,source\n")
