"""The reckoning of a due date in words, day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.domain.explanation import explain
from services.supervision.facts.domain import WholeFacts as Whole
from shared.kernel.workdays import Calendar
from shared.reference.calendar import packaged_calendar
from shared.vocabulary.duties import DayKind, DutyKind, DutyState
from tests.supervision.lives import a_case, a_petition, a_referral, duties

TODAY = date(2026, 12, 31)


def the_window(referred_on: date) -> Duty:
    case = a_case(referrals=(a_referral(referred_on=referred_on),))
    stored = duties(Whole(petitions=(), case=case))
    return next(duty for key, duty in stored.items() if key.kind is DutyKind.D4)


def test_every_day_says_whether_it_counts_and_why() -> None:
    told = explain(the_window(date(2026, 9, 18)), packaged_calendar(), note="异议", today=TODAY)
    assert told.title == "提出异议：最后一日为2026年9月24日"
    assert [(line.day.day, line.weekday, line.kind, line.number) for line in told.days] == [
        (19, "星期六", "休息日", None),
        (20, "星期日", "调休上班（国庆节）", 1),
        (21, "星期一", "工作日", 2),
        (22, "星期二", "工作日", 3),
        (23, "星期三", "工作日", 4),
        (24, "星期四", "工作日", 5),
    ]
    assert told.days[0].why == "不计入：不是工作日"
    assert told.articles[0] == "《信访工作条例》第二十三条第三款"
    assert any("2026年9月18日起算，当日不计入" in sentence for sentence in told.sentences)


def test_beyond_the_calendar_it_says_provisional() -> None:
    told = explain(the_window(date(2026, 12, 28)), packaged_calendar(), note="异议", today=TODAY)
    assert told.days[-1].day == date(2027, 1, 2)
    assert told.days[-1].why == "第5日，日历未载，按计入处理"
    assert any("暂定" in sentence for sentence in told.sentences)


def test_a_later_calendar_does_not_move_what_was_announced() -> None:
    duty = the_window(date(2026, 9, 18))
    other = Calendar({date(2026, 9, 21): DayKind.HOLIDAY, date(2026, 9, 22): DayKind.HOLIDAY})
    told = explain(duty, other, note="异议", today=TODAY)
    assert "9月24日" in told.title
    assert any("以告知的为准" in sentence for sentence in told.sentences)


def test_calendar_days_extension_and_ending_are_told() -> None:
    (duty,) = duties(Whole(petitions=(a_petition(),))).values()
    ended = replace(duty, state=DutyState.MET_LATE, ended_on=date(2026, 12, 9))
    told = explain(ended, packaged_calendar(), note="登记", today=TODAY)
    assert len(told.days) == 15
    assert all(line.counted for line in told.days)
    assert told.sentences[-1] == "2026年12月9日结束：超期完成。"
