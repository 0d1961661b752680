"""Pure counting of legal days.

The day after the event is day one; 日 is a calendar day, 工作日 a working day (《民法典》 Art.
201-203 by analogy, the petition regulation itself has no counting clause). Where the calendar does
not know a day, the day is counted: the answer is then the earliest possible date and says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.vocabulary.duties import DayKind, Unit, Why

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class DateRange:
    """Days from `first` to `last`, both included. Raises ValueError when turned round."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            message = f"range ends before it begins: {self.first}..{self.last}"
            raise ValueError(message)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of days as one duty has it: base length, extension in the same unit, stops.

    `roll` moves a last day that is no working day forward (《民法典》 Art. 203); off by default,
    because the petition regulation does not say it and the earlier date harms nobody.
    """

    length: int
    unit: Unit = Unit.CALENDAR
    roll: bool = False
    extension: int = 0
    suspensions: tuple[DateRange, ...] = ()

    def __post_init__(self) -> None:
        if self.length < 1 or self.extension < 0:
            message = (
                f"a limit has at least one day and never shrinks: {self.length}+{self.extension}"
            )
            raise ValueError(message)

    @property
    def days(self) -> int:
        """Days to count, extension included."""
        return self.length + self.extension


@dataclass(frozen=True, slots=True)
class DueDate:
    """Last day of a limit. `provisional`: the calendar did not reach far enough, so this is the
    earliest possible date. `unrolled`: the last day before any roll off a rest day."""

    last_day: date
    provisional: bool
    unrolled: date


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day of an explanation. `number` is its place in the count, None when not counted;
    `kind` is None where the calendar does not know the day."""

    day: date
    kind: DayKind | None
    counted: bool
    number: int | None
    why: Why
    name: str | None = None


class Calendar:
    """Days with a kind over the closed horizon `first`..`last`, without gaps.

    Raises ValueError for an empty calendar or a gap. Counting is O(1) per date: the working days
    are numbered once, a day before the horizon has a number <= 0 and a day after it goes on
    counting one by one.
    """

    def __init__(
        self, days: Mapping[date, DayKind], *, names: Mapping[date, str] | None = None
    ) -> None:
        if not days:
            message = "a calendar needs at least one day"
            raise ValueError(message)
        self.first = min(days)
        self.last = max(days)
        if (self.last - self.first).days + 1 != len(days):
            message = f"calendar {self.first}..{self.last} has gaps: {len(days)} days"
            raise ValueError(message)
        self._days = dict(days)
        self._names = dict(names or {})
        self._working = [day for day in sorted(days) if days[day].is_working]

    def kind_of(self, day: date) -> DayKind | None:
        """Kind of a day, None outside the horizon."""
        return self._days.get(day)

    def name_of(self, day: date) -> str | None:
        """Name of the holiday a day belongs to, if any."""
        return self._names.get(day)

    def add_calendar_days(self, start: date, n: int) -> date:
        """The n-th day after `start`."""
        return start + timedelta(days=n)

    def add_working_days(self, start: date, n: int) -> DueDate:
        """The n-th working day after `start`."""
        return self.due(start, Limit(n, Unit.WORKING))

    def due(self, start: date, limit: Limit) -> DueDate:
        """Last day of `limit` for an event on `start`.

        Suspended days are not counted; overlapping suspensions count once; a suspension that
        begins after the last day changes nothing.
        """
        target = self._number(start, limit.unit) + limit.days
        last_day = self._day(target, limit.unit)
        for stop in merged(limit.suspensions):
            if stop.last <= start:
                continue
            if stop.first > last_day:
                break
            before = max(stop.first, start + ONE_DAY) - ONE_DAY
            target += self._number(stop.last, limit.unit) - self._number(before, limit.unit)
            last_day = self._day(target, limit.unit)
        rolled = self._roll(last_day) if limit.roll else last_day
        asked = limit.unit is Unit.WORKING or limit.roll
        known_from_start = limit.unit is Unit.CALENDAR or start + ONE_DAY >= self.first
        provisional = asked and not (known_from_start and self.first <= rolled <= self.last)
        return DueDate(last_day=rolled, provisional=provisional, unrolled=last_day)

    def walk(self, start: date, limit: Limit) -> list[CountedDay]:
        """Every day from the day after `start` to the last day, with why it counts or not."""
        end = self.due(start, limit)
        stops = merged(limit.suspensions)
        days: list[CountedDay] = []
        number = 0
        day = start
        while day < end.last_day:
            day += ONE_DAY
            kind = self.kind_of(day)
            why = self._why(day, kind, unit=limit.unit, stops=stops)
            if day > end.unrolled:
                why = Why.ROLLED
            counted = why in (Why.COUNTED, Why.UNKNOWN)
            number += counted
            days.append(
                CountedDay(
                    day=day,
                    kind=kind,
                    counted=counted,
                    number=number if counted else None,
                    why=why,
                    name=self.name_of(day),
                )
            )
        return days

    def _why(
        self, day: date, kind: DayKind | None, *, unit: Unit, stops: tuple[DateRange, ...]
    ) -> Why:
        if any(day in stop for stop in stops):
            return Why.SUSPENDED
        if unit is Unit.CALENDAR:
            return Why.COUNTED
        if kind is None:
            return Why.UNKNOWN
        return Why.COUNTED if kind.is_working else Why.NOT_WORKING

    def _roll(self, day: date) -> date:
        while (kind := self.kind_of(day)) is not None and not kind.is_working:
            day += ONE_DAY
        return day

    def _number(self, day: date, unit: Unit) -> int:
        """Number of counted days up to and including `day`, from a fixed zero."""
        if unit is Unit.CALENDAR:
            return day.toordinal()
        if day < self.first:
            return (day - self.first).days + 1
        if day > self.last:
            return len(self._working) + (day - self.last).days
        return bisect_right(self._working, day)

    def _day(self, number: int, unit: Unit) -> date:
        """First day whose number is `number`: the inverse of `_number`."""
        if unit is Unit.CALENDAR:
            return date.fromordinal(number)
        if number <= 0:
            return self.first + timedelta(days=number - 1)
        if number > len(self._working):
            return self.last + timedelta(days=number - len(self._working))
        return self._working[number - 1]


def merged(ranges: Iterable[DateRange]) -> tuple[DateRange, ...]:
    """The same days as disjoint ranges in order."""
    result: list[DateRange] = []
    for stop in sorted(ranges):
        if result and stop.first <= result[-1].last + ONE_DAY:
            result[-1] = DateRange(result[-1].first, max(result[-1].last, stop.last))
        else:
            result.append(stop)
    return tuple(result)


@lru_cache(maxsize=4096)
def due_instant(last_day: date, zone: str) -> datetime:
    """The end of `last_day` (24:00 local) as an aware UTC instant (《民法典》 Art. 203).

    Where the clocks skip or repeat midnight it is the instant the local date first changes.
    Raises zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    midnight = datetime.combine(last_day + ONE_DAY, time.min, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


def local_date(instant: datetime, zone: str) -> date:
    """The date an aware instant has in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()
