"""One watcher's clock is an hour wrong (F23): no duty fires early, twice or never."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.supervision.duties.jobs.watcher import watch
from shared.contracts.supervision import DutyOverdueV1
from shared.kernel.clock import FixedClock
from tests.supervision.conftest import MakeSupervision, Supervision
from tests.supervision.events import Story

DUE = datetime.fromisoformat("2026-03-18T00:00:00+08:00")
MINUTE = timedelta(minutes=1)
WRONG = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-365)]


class WrongClock(FixedClock):
    """A clock wrong by a constant; the database's is right."""

    def __init__(self, right: datetime, wrong: timedelta) -> None:
        super().__init__(right + wrong)
        self.wrong = wrong

    def align(self, instant: datetime) -> datetime:
        return self.now() - self.wrong


class Pair:
    """Two watchers on one database: `right`, and one whose clock is wrong."""

    def __init__(self, right: Supervision, other: Supervision, wrong: timedelta) -> None:
        self.right, self.other = right, other
        self.clock = WrongClock(right.sut.clock.now(), wrong)
        other.sut.service.clock = other.sut.service.units.clock = self.clock

    def at(self, instant: datetime) -> None:
        self.right.sut.clock.set(instant)
        self.clock.set(instant + self.clock.wrong)

    async def overdue(self) -> int:
        return len(await self.right.sut.recorded(DutyOverdueV1))


@pytest.fixture(params=WRONG, ids=str)
async def pair(
    request: pytest.FixtureRequest, supervision: Supervision, another: MakeSupervision
) -> Pair:
    await supervision.sut.deliver(*(Story(supervision.sut).registered() for _ in range(3)))
    return Pair(supervision, await another(supervision), request.param)


async def test_side_by_side_each_duty_is_fired_once_and_when_it_is_due(pair: Pair) -> None:
    for minutes in (-30, -28, -1):  # the hold of a minute begins, is over, and stays over
        pair.at(DUE + minutes * MINUTE)
        await watch(pair.other.sut.service)
        await watch(pair.right.sut.service)
        assert await pair.overdue() == 0, minutes
    assert await pair.right.alarms() == {"clocks_disagree": 1}
    pair.at(DUE)
    for each in (pair.other, pair.right, pair.other):
        await watch(each.sut.service)
    assert await pair.overdue() == 3
    assert {row.state for row in await pair.right.rows("D1")} == {"overdue"}
    assert {row.overdue_at for row in await pair.right.rows("D1")} == {DUE}


async def test_alone_it_fires_by_the_databases_clock_after_the_hold(pair: Pair) -> None:
    for instant, fired in ((DUE - MINUTE, 0), (DUE - MINUTE / 2, 0), (DUE + MINUTE, 3)):
        pair.at(instant)
        await watch(pair.other.sut.service)
        assert await pair.overdue() == fired, instant
    overdue = await pair.right.sut.recorded(DutyOverdueV1)
    assert {datetime.fromisoformat(each.data["duty"]["overdue_at"]) for each in overdue} == {DUE}
    await watch(pair.right.sut.service)
    assert await pair.overdue() == 3
