"""One holder at a time, whatever the clocks of the processes say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from shared.kernel.clock import SystemClock
from shared.messaging.lease import Lease
from tests.messaging.conftest import MakeToy
from tests.support.service import ServiceUnderTest

HOUR = timedelta(hours=1)


class ProcessClock(SystemClock):
    """A process's clocks: the wall clock is `wrong`; `gone` seconds have passed on both."""

    def __init__(self, wrong: timedelta = timedelta(0)) -> None:
        super().__init__()
        self.wrong, self.gone = wrong, 0.0

    def now(self) -> datetime:
        return super().now() + self.wrong + timedelta(seconds=self.gone)

    def monotonic(self) -> float:
        return super().monotonic() + self.gone


def a_lease(service: ServiceUnderTest, clock: ProcessClock) -> Lease:
    return Lease(service.service.database, service.service.tables, "work", clock=clock)


async def pass_for_the_database(service: ServiceUnderTest, seconds: int) -> None:
    """Let that much of every lease run out."""
    lease = service.service.tables.lease
    async with service.service.database.reading() as session:
        until = await session.scalar(lease.select().with_only_columns(lease.c.until))
    async with service.service.database.writing() as session:
        await session.execute(update(lease).values(until=until - timedelta(seconds=seconds)))


@pytest.mark.parametrize("wrong", [HOUR, -HOUR], ids=["ahead", "behind"])
async def test_whose_clock_is_wrong_takes_no_lease_that_is_held(
    toy_service: MakeToy, wrong: timedelta
) -> None:
    _, service = await toy_service()
    right, other = a_lease(service, ProcessClock()), a_lease(service, ProcessClock(wrong))
    assert await right.hold()
    assert not await other.hold()
    assert other.is_elsewhere
    assert await right.hold()


@pytest.mark.parametrize("wrong", [HOUR, -HOUR], ids=["ahead", "behind"])
async def test_a_lease_of_a_dead_process_ends_in_time_whatever_its_clock_said(
    toy_service: MakeToy, wrong: timedelta
) -> None:
    _, service = await toy_service()
    right, other = a_lease(service, ProcessClock()), a_lease(service, ProcessClock(wrong))
    assert await other.hold()
    assert not await right.hold()
    await pass_for_the_database(service, 12)
    assert await right.hold()


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forward", "back"])
async def test_a_step_of_the_holders_clock_does_not_put_off_its_renewal(
    toy_service: MakeToy, step: timedelta
) -> None:
    _, service = await toy_service()
    clock = ProcessClock()
    holder, other = a_lease(service, clock), a_lease(service, ProcessClock())
    assert await holder.hold()
    clock.wrong = step
    clock.gone = 6.0
    await pass_for_the_database(service, 6)
    assert await holder.hold()
    await pass_for_the_database(service, 6)
    assert not await other.hold()
