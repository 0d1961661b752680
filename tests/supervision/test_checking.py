"""Slow looks at the whole: calendar horizon, cases without a duty, a changed calendar, clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete

from services.supervision.checking.jobs import check
from services.supervision.duties.domain.clock_trust import ClockTrust, Reading
from services.supervision.duties.jobs.watcher import watch, watcher_is_silent
from services.supervision.tables import DutyRow, table_of
from shared.contracts.supervision import DutyStartedV1
from shared.db.editions import save_editions
from shared.kernel.clock import FixedClock
from shared.reference.editions import Edition, packaged_editions
from tests.supervision.conftest import Supervision
from tests.supervision.events import Story

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


async def test_the_calendars_end_is_an_alarm_and_clears_itself(supervision: Supervision) -> None:
    for day, sounded in (("2026-11-01", False), ("2026-11-02", True), ("2026-11-01", False)):
        supervision.sut.clock.set(datetime.fromisoformat(f"{day}T09:00+08:00"))
        await check(supervision.sut.service)
        await check(supervision.sut.service)  # a standing alarm does not count its own checks
        assert await supervision.alarms() == ({"calendar_horizon": 1} if sounded else {}), day


async def test_an_open_case_without_a_duty_is_an_alarm(supervision: Supervision) -> None:
    story = Story(supervision.sut)
    await supervision.sut.deliver(story.referred())
    await check(supervision.sut.service)
    assert await supervision.alarms() == {}
    async with supervision.sut.service.database.writing() as session:
        await session.execute(delete(table_of(DutyRow)))
    await check(supervision.sut.service)
    assert await supervision.alarms() == {"case_without_duty": 1}
    await supervision.sut.deliver(story.accepted(date(2026, 3, 3)))  # facts bring them back
    await check(supervision.sut.service)
    assert await supervision.alarms() == {}


async def load_calendar(supervision: Supervision, *rows: str) -> None:
    """A newer calendar edition: the packaged one with rows added at its end."""
    calendar = next(each for each in packaged_editions() if each.kind == "calendar")
    text = calendar.files["calendar.csv"]
    known = {row.split(",")[0] for row in rows}
    kept = [line for line in text.splitlines() if line.split(",")[0] not in known]
    newer = Edition(
        "calendar", "calendar-test", date(2026, 1, 2), {"calendar.csv": "\n".join([*kept, *rows])}
    )
    service = supervision.sut.service
    async with service.units.begin() as uow:
        await save_editions(uow.session, uow.tables, [newer], clock=uow.clock)
    await service.prepare()


async def test_a_provisional_date_becomes_exact_when_the_calendar_comes(
    supervision: Supervision,
) -> None:
    story = Story(supervision.sut)
    supervision.sut.clock.set(datetime(2026, 12, 28, 1, tzinfo=UTC))
    await supervision.sut.deliver(story.referred(date(2026, 12, 28)))
    window = await supervision.row("D4")
    assert (window.due_on, window.provisional) == (date(2027, 1, 2), True)
    await load_calendar(supervision, "2027-01-01,holiday,元旦,test", "2027-12-31,workday,,test")
    assert await check(supervision.sut.service) > 0
    window = await supervision.row("D4")
    assert (window.due_on, window.provisional, window.version) == (date(2027, 1, 5), False, 2)
    assert window.calendar_edition == "calendar-test"
    restated = await supervision.sut.recorded(DutyStartedV1)
    assert restated[-1].data["duty"]["due_on"] == "2027-01-05"
    assert await check(supervision.sut.service) == 0


async def test_an_announced_date_never_becomes_later_without_a_person(
    supervision: Supervision,
) -> None:
    story = Story(supervision.sut)
    await supervision.sut.deliver(story.referred())
    await load_calendar(supervision, "2026-03-05,holiday,临时放假,test")
    await check(supervision.sut.service)
    window = await supervision.row("D4")
    assert (window.due_on, window.version) == (date(2026, 3, 9), 1)
    assert await supervision.alarms() == {"calendar_later": 1}


async def test_an_earlier_date_takes_effect(supervision: Supervision) -> None:
    await supervision.sut.deliver(Story(supervision.sut).referred())
    await load_calendar(supervision, "2026-03-07,makeup,,test")
    await check(supervision.sut.service)
    assert (await supervision.row("D4")).due_on == date(2026, 3, 7)


# --- signs of life and clocks -----------------------------------------------------------------


async def test_readiness_needs_a_watchers_sign_of_life(supervision: Supervision) -> None:
    assert await watcher_is_silent(supervision.sut.service) == "watcher_heartbeat"
    await watch(supervision.sut.service)
    assert await watcher_is_silent(supervision.sut.service) is None


class FarDatabase(FixedClock):
    """A clock whose database is some seconds away from it."""

    apart = timedelta(0)

    def align(self, instant: datetime) -> datetime:
        return self.now() + self.apart


async def test_nothing_fires_while_the_clocks_disagree_and_then_the_database_decides(
    supervision: Supervision,
) -> None:
    sut = supervision.sut
    await sut.deliver(Story(sut).registered())
    clock = FarDatabase(datetime.fromisoformat("2026-03-18T00:00:30+08:00"))
    sut.service.clock = clock
    clock.apart = timedelta(minutes=-10)  # by the database it is not yet midnight
    assert await watch(sut.service) == 0
    assert await supervision.alarms() == {"clocks_disagree": 1}
    clock.advance(timedelta(seconds=59))
    assert await watch(sut.service) == 0
    clock.advance(timedelta(seconds=2))
    await watch(sut.service)
    assert (await supervision.row("D1")).state == "running"
    clock.advance(timedelta(minutes=9))
    await watch(sut.service)
    assert (await supervision.row("D1")).state == "overdue"
    clock.apart = timedelta(0)
    await watch(sut.service)
    assert await supervision.alarms() == {}


def reading(seconds: float, *, database: float | None = None, monotonic: float) -> Reading:
    return Reading(
        wall=NOON + timedelta(seconds=seconds),
        database=NOON + timedelta(seconds=seconds if database is None else database),
        monotonic=monotonic,
    )


def test_a_step_of_the_wall_clock_holds_firing_for_a_bounded_time() -> None:
    trust = ClockTrust()
    assert trust.judge(reading(0, monotonic=0)).now == NOON
    assert trust.judge(reading(1, monotonic=1)).now is not None
    stepped = trust.judge(reading(-3600, monotonic=2))
    assert (stepped.now, stepped.disagree) == (None, True)
    assert trust.judge(reading(-3600 + 58, monotonic=60)).now is None
    after = trust.judge(reading(-3600 + 60, monotonic=62))
    assert (after.now, after.disagree) == (NOON - timedelta(seconds=3540), False)
    assert trust.judge(reading(-3600 + 61, monotonic=63)).disagree is False


@pytest.mark.parametrize(
    ("apart", "held"), [(1.9, False), (-1.9, False), (2.1, True), (-2.1, True)]
)
def test_two_seconds_are_tolerated(apart: float, held: bool) -> None:
    trust = ClockTrust()
    assert (trust.judge(reading(0, database=apart, monotonic=0)).now is None) == held


def test_a_clock_that_comes_right_again_ends_the_hold() -> None:
    trust = ClockTrust()
    assert trust.judge(reading(0, database=9, monotonic=0)).now is None
    right = reading(5, monotonic=5)
    assert trust.judge(right).now == right.wall
    assert trust.judge(replace(right, monotonic=5.5)).disagree is False
