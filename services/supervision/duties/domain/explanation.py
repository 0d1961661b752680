"""Why a duty is due when it is: day by day, in words for clerks and petitioners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.supervision.duties.domain.duty import Duty, state_words
from shared.kernel.workdays import Calendar, CountedDay
from shared.vocabulary.duties import DutyState, Unit, Why

COUNTING = "《民法典》第二百零一条、第二百零三条"
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the count. `number` is None for a day that does not count."""

    day: date
    weekday: str
    kind: str
    counted: bool
    number: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Title, the rule in sentences, every day, and the articles it rests on."""

    title: str
    sentences: tuple[str, ...]
    days: tuple[DayLine, ...]
    articles: tuple[str, ...]


def explain(duty: Duty, calendar: Calendar, *, note: str, today: date) -> Explanation:
    """The whole reckoning of one duty. `note` is the limit row's own sentence."""
    walked = calendar.walk(duty.terms.started_on, duty.terms.limit)
    sentences = [note, _rule(duty), _start(duty), *_stops(duty), _last(duty)]
    if duty.due.provisional:
        sentences.append(
            f"工作日历只到{chinese_date(calendar.last)}，其后逐日计算，为可能的最早日期，暂定。"
        )
    if walked and walked[-1].day != duty.due.last_day:
        sentences.append("工作日历在计算之后有变更，以下逐日列示按现行日历，期限仍以告知的为准。")
    if duty.ended_on is not None:
        sentences.append(f"{chinese_date(duty.ended_on)}结束：{state_words(duty, today)}。")
    elif duty.state is DutyState.OVERDUE:
        sentences.append("期限届满仍未完成：超期。")
    return Explanation(
        title=f"{duty.key.kind.label}：最后一日为{chinese_date(duty.due.last_day)}",
        sentences=tuple(filter(None, sentences)),
        days=tuple(_line(day, duty.terms.limit.unit) for day in walked),
        articles=(duty.article, COUNTING),
    )


def chinese_date(day: date) -> str:
    """2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _rule(duty: Duty) -> str:
    limit = duty.terms.limit
    unit = "个工作日" if limit.unit is Unit.WORKING else "日"
    text = f"依据{duty.article}，期限{limit.length}{unit}（{duty.nature.label}）"
    if limit.extension:
        text += f"，经批准延长{limit.extension}{unit}"
    return text + "。"


def _start(duty: Duty) -> str:
    return f"自{chinese_date(duty.terms.started_on)}起算，当日不计入，次日为第一日。"


def _stops(duty: Duty) -> list[str]:
    """Hearings in a re-review, the only stop the Regulation has (Art. 36), and what a region's rule
    stops for."""
    return [
        f"{chinese_date(stop.first)}至{chinese_date(stop.last)}不计算在期限内（听证或者中止）。"
        for stop in duty.terms.limit.suspensions
    ]


def _last(duty: Duty) -> str:
    return f"最后一日{chinese_date(duty.due.last_day)}的二十四时届满。"


def _line(day: CountedDay, unit: Unit) -> DayLine:
    kind = day.kind.label if day.kind else "日历未载"
    if day.name:
        kind = f"{kind}（{day.name}）"
    return DayLine(
        day=day.day,
        weekday=f"星期{WEEKDAYS[day.day.weekday()]}",
        kind=kind,
        counted=day.counted,
        number=day.number,
        why=_why(day, unit),
    )


def _why(day: CountedDay, unit: Unit) -> str:
    if day.why is Why.COUNTED:
        reason = "日按自然日计算" if unit is Unit.CALENDAR else "工作日"
        return f"第{day.number}日，{reason}"
    label = day.why.label
    return f"第{day.number}日，{label}" if day.why is Why.UNKNOWN else label
