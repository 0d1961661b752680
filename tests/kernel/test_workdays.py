"""Counting of legal days: the golden vectors and the properties of docs on reliability."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.workdays import Calendar, DateRange, Limit, due_instant, local_date, merged
from shared.reference.calendar import packaged_calendar
from shared.vocabulary.duties import DayKind, Unit, Why

MANY = settings(max_examples=2000, deadline=None)
SOME = settings(max_examples=500, deadline=None)  # the dear ones
KINDS = list(DayKind)


def d(text: str) -> date:
    return date.fromisoformat(text)


# --- golden vectors ---------------------------------------------------------------------------

CALENDAR_VECTORS = [
    ("2026-11-22", 15, "2026-12-07"),
    ("2026-11-22", 30, "2026-12-22"),
    ("2026-11-22", 60, "2027-01-21"),
    ("2026-11-22", 90, "2027-02-20"),
    ("2028-02-28", 1, "2028-02-29"),
    ("2028-02-28", 30, "2028-03-29"),
    ("2028-02-28", 60, "2028-04-28"),
    ("2027-12-31", 1, "2028-01-01"),
    ("2027-12-31", 30, "2028-01-30"),
    ("2027-12-31", 60, "2028-02-29"),
    ("1986-05-03", 1, "1986-05-04"),
    ("1986-05-04", 30, "1986-06-03"),
    ("2011-12-29", 1, "2011-12-30"),
    ("2011-12-29", 60, "2012-02-27"),
]

WORKING_VECTORS = [
    ("2026-11-22", 5, "2026-11-27", False),
    ("2026-02-12", 5, "2026-02-26", False),
    ("2026-09-18", 5, "2026-09-24", False),
    ("2026-09-28", 5, "2026-10-10", False),
    ("2026-09-30", 5, "2026-10-13", False),
    ("2026-12-24", 5, "2026-12-31", False),
    ("2026-12-28", 5, "2027-01-02", True),
    ("2027-03-01", 5, "2027-03-06", True),
]


@pytest.mark.parametrize(("start", "days", "last"), CALENDAR_VECTORS)
def test_the_day_after_the_event_is_day_one(start: str, days: int, last: str) -> None:
    assert packaged_calendar().add_calendar_days(d(start), days) == d(last)
    assert packaged_calendar().due(d(start), Limit(days)).last_day == d(last)


@pytest.mark.parametrize(("start", "days", "last", "provisional"), WORKING_VECTORS)
def test_working_days_follow_the_calendar_and_are_provisional_beyond_it(
    start: str, days: int, last: str, provisional: bool
) -> None:
    due = packaged_calendar().add_working_days(d(start), days)
    assert (due.last_day, due.provisional) == (d(last), provisional)


def test_a_last_day_on_a_rest_day_rolls_only_when_asked() -> None:
    calendar = packaged_calendar()
    plain = calendar.due(d("2026-11-22"), Limit(6))
    rolled = calendar.due(d("2026-11-22"), Limit(6, roll=True))
    assert plain.last_day == plain.unrolled == rolled.unrolled == d("2026-11-28")
    assert rolled.last_day == d("2026-11-30")
    assert not rolled.provisional


def test_a_roll_that_leaves_the_calendar_is_provisional() -> None:
    due = packaged_calendar().due(d("2026-11-22"), Limit(90, roll=True))
    assert due.last_day == d("2027-02-20")
    assert due.provisional


def test_the_unrolled_calendar_days_never_depend_on_the_calendar() -> None:
    assert not packaged_calendar().due(d("2026-11-22"), Limit(90)).provisional


# --- the end of the last day as an instant ----------------------------------------------------

INSTANTS = [
    ("2026-12-07", "Asia/Shanghai", "2026-12-07T16:00:00"),
    ("1986-05-03", "Asia/Shanghai", "1986-05-03T16:00:00"),  # summer time begins at 02:00
    ("1986-05-04", "Asia/Shanghai", "1986-05-04T15:00:00"),
    ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00:00"),  # the day after does not exist
    ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00"),  # the day that does not exist
    ("2026-10-03", "Australia/Lord_Howe", "2026-10-03T13:30:00"),  # half an hour of summer time
    ("2026-10-04", "Australia/Lord_Howe", "2026-10-04T13:00:00"),
    ("2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00"),  # midnight is skipped
]


@pytest.mark.parametrize(("last_day", "zone", "instant"), INSTANTS)
def test_a_last_day_ends_at_twenty_four_local(last_day: str, zone: str, instant: str) -> None:
    assert due_instant(d(last_day), zone) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize("clock", ["00:00:01", "23:59:59"])
def test_the_time_of_day_of_the_event_does_not_matter(clock: str) -> None:
    local = datetime.fromisoformat(f"2026-11-22T{clock}+08:00")
    start = local_date(local, "Asia/Shanghai")
    assert packaged_calendar().due(start, Limit(15)).last_day == d("2026-12-07")


@given(st.times(), st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "UTC"]))
def test_no_time_of_day_moves_the_local_date(clock: dt_time, zone: str) -> None:
    local = datetime.combine(d("2026-11-22"), clock, tzinfo=ZoneInfo(zone))
    assert local_date(local.astimezone(UTC), zone) == d("2026-11-22")


def test_midnight_belongs_to_the_day_that_begins() -> None:
    before = datetime(2026, 11, 22, 15, 59, 59, 999999, tzinfo=UTC)
    assert local_date(before, "Asia/Shanghai") == d("2026-11-22")
    assert local_date(before + timedelta(microseconds=1), "Asia/Shanghai") == d("2026-11-23")


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia", "Asia/Kolkata"])
def test_the_zone_of_the_process_does_not_matter(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_instant.cache_clear()
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("LC_ALL", "zh_CN.GB18030")
    time.tzset()
    try:
        for last_day, there, instant in INSTANTS:
            expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
            assert due_instant(d(last_day), there) == expected
    finally:
        monkeypatch.undo()
        os.environ.pop("TZ", None)
        time.tzset()
        due_instant.cache_clear()


# --- strategies -------------------------------------------------------------------------------


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Random calendars somewhere between 1949 and 2100, with at least one working day."""
    first = draw(st.dates(d("1949-01-01"), d("2100-01-01")))
    kinds = draw(st.binary(min_size=1, max_size=120))  # one byte a day: far cheaper than a list
    return Calendar({first + timedelta(days=n): KINDS[kind % 4] for n, kind in enumerate(kinds)})


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, date, Limit]:
    """A calendar, a start near it, and a limit with extension and stops near the start."""
    calendar = draw(calendars())
    start = calendar.first + timedelta(days=draw(st.integers(-80, 150)))
    stops = [
        DateRange(start + timedelta(days=offset), start + timedelta(days=offset + length))
        for offset, length in draw(
            st.lists(st.tuples(st.integers(-20, 120), st.integers(0, 40)), max_size=4)
        )
    ]
    limit = Limit(
        draw(st.integers(1, 90)),
        draw(st.sampled_from(Unit)),
        roll=draw(st.booleans()),
        extension=draw(st.sampled_from([0, 0, 5, 30])),
        suspensions=tuple(stops),
    )
    return calendar, start, limit


def counted_by_hand(calendar: Calendar, start: date, limit: Limit) -> date:
    """The second implementation: one day after the other."""
    left, day = limit.length + limit.extension, start
    while left:
        day += timedelta(days=1)
        if any(stop.first <= day <= stop.last for stop in limit.suspensions):
            continue
        kind = calendar.kind_of(day)
        rest = kind in (DayKind.REST, DayKind.HOLIDAY)
        if limit.unit is Unit.CALENDAR or not rest:
            left -= 1
    while limit.roll and calendar.kind_of(day) in (DayKind.REST, DayKind.HOLIDAY):
        day += timedelta(days=1)
    return day


# --- properties -------------------------------------------------------------------------------


@MANY
@given(cases())
def test_arithmetic_and_day_by_day_counting_agree(case: tuple[Calendar, date, Limit]) -> None:
    calendar, start, limit = case
    assert calendar.due(start, limit).last_day == counted_by_hand(calendar, start, limit)


@MANY
@given(st.dates(d("1949-01-01"), d("2100-12-31")), st.integers(1, 120), st.sampled_from(Unit))
def test_both_ways_agree_on_the_real_calendar(start: date, days: int, unit: Unit) -> None:
    calendar = packaged_calendar()
    limit = Limit(days, unit)
    assert calendar.due(start, limit).last_day == counted_by_hand(calendar, start, limit)


@SOME
@given(cases(), st.integers(1, 30))
def test_due_is_after_the_start_and_grows_with_the_length(
    case: tuple[Calendar, date, Limit], more: int
) -> None:
    calendar, start, limit = case
    longer = Limit(
        limit.length + more,
        limit.unit,
        roll=limit.roll,
        extension=limit.extension,
        suspensions=limit.suspensions,
    )
    short, long = calendar.due(start, limit), calendar.due(start, longer)
    assert start < short.unrolled <= short.last_day <= long.last_day
    assert short.unrolled < long.unrolled
    assert due_instant(short.last_day, "Asia/Shanghai") > due_instant(start, "Asia/Shanghai")


@SOME
@given(cases(), st.integers(0, 119), st.booleans())
def test_a_holiday_more_is_never_earlier_and_a_makeup_day_more_never_later(
    case: tuple[Calendar, date, Limit], at: int, makeup: bool
) -> None:
    calendar, start, limit = case
    days = {
        calendar.first + timedelta(days=n): calendar.kind_of(calendar.first + timedelta(days=n))
        for n in range((calendar.last - calendar.first).days + 1)
    }
    days[sorted(days)[at % len(days)]] = DayKind.MAKEUP if makeup else DayKind.HOLIDAY
    changed = Calendar(days).due(start, limit).last_day  # type: ignore[arg-type]
    if makeup:
        assert changed <= calendar.due(start, limit).last_day
    else:
        assert changed >= calendar.due(start, limit).last_day


@SOME
@given(cases(), st.randoms(use_true_random=False))
def test_pieces_and_order_of_suspensions_do_not_matter(
    case: tuple[Calendar, date, Limit], random: object
) -> None:
    calendar, start, limit = case
    pieces = []
    for stop in limit.suspensions:
        length = (stop.last - stop.first).days
        cut = random.randint(0, length)  # type: ignore[attr-defined]
        pieces.append(DateRange(stop.first, stop.first + timedelta(days=cut)))
        if cut < length:
            pieces.append(DateRange(stop.first + timedelta(days=cut + 1), stop.last))
    pieces += list(limit.suspensions)
    random.shuffle(pieces)  # type: ignore[attr-defined]
    other = Limit(
        limit.length,
        limit.unit,
        roll=limit.roll,
        extension=limit.extension,
        suspensions=tuple(pieces),
    )
    assert calendar.due(start, other) == calendar.due(start, limit)


@SOME
@given(cases(), st.integers(1, 40))
def test_an_extension_counts_on_from_where_the_limit_ended(
    case: tuple[Calendar, date, Limit], days: int
) -> None:
    """So it does not matter whether an extension or a suspension was granted first."""
    calendar, start, limit = case
    stops = limit.suspensions
    granted = Limit(limit.length, limit.unit, extension=days, suspensions=stops)
    ended = calendar.due(start, Limit(limit.length, limit.unit, suspensions=stops)).last_day
    more = Limit(days, limit.unit, suspensions=stops)
    assert calendar.due(start, granted).last_day == calendar.due(ended, more).last_day


@SOME
@given(cases())
def test_the_walk_tells_the_same_story_as_the_date(case: tuple[Calendar, date, Limit]) -> None:
    calendar, start, limit = case
    due = calendar.due(start, limit)
    days = calendar.walk(start, limit)
    counted = [day for day in days if day.counted]
    assert days[-1].day == due.last_day
    assert counted[-1].day == due.unrolled
    assert [day.number for day in counted] == list(range(1, limit.days + 1))
    assert [day.day for day in days] == [
        start + timedelta(days=n + 1) for n in range((due.last_day - start).days)
    ]
    assert all(day.day > due.unrolled for day in days if day.why is Why.ROLLED)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=6))
def test_merged_ranges_hold_the_same_days_once(raw: list[tuple[int, int]]) -> None:
    zero = d("2026-01-01")
    ranges = [DateRange(zero + timedelta(days=a), zero + timedelta(days=a + n)) for a, n in raw]
    result = merged(ranges)
    for n in range(90):
        day = zero + timedelta(days=n)
        assert any(day in r for r in ranges) == (sum(day in r for r in result) == 1)


# --- refusals ---------------------------------------------------------------------------------


def test_a_calendar_with_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="gaps"):
        Calendar({d("2026-01-01"): DayKind.HOLIDAY, d("2026-01-03"): DayKind.REST})


@pytest.mark.parametrize(("length", "extension"), [(0, 0), (-1, 0), (5, -1)])
def test_a_limit_has_at_least_one_day_and_never_shrinks(length: int, extension: int) -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Limit(length, extension=extension)


def test_a_range_turned_round_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        DateRange(d("2026-01-02"), d("2026-01-01"))
