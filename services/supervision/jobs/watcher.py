"""The watcher: looks at what is due, as often as it likes, in as many processes as there are."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from services.supervision.domain.clock_trust import ClockTrust, Reading
from services.supervision.domain.duty import Duty
from services.supervision.store import alarms, duties, watchers
from services.supervision.store.alarms import Alarm, AlarmCode
from services.supervision.use_cases import firing
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.runtime.service import Service

log = structlog.get_logger()

BEAT_SECONDS = 5.0
SILENT_AFTER = timedelta(seconds=30)


@dataclass(slots=True)
class Watch:
    """What one process's watcher remembers; `machine` times its own sign of life."""

    name: str = field(default_factory=lambda: f"{os.getpid()}-{new_id().hex[-12:]}")
    trust: ClockTrust = field(default_factory=ClockTrust)
    machine: SystemClock = field(default_factory=SystemClock)
    beaten_at: float | None = None
    clocks_agree: bool = True
    fired: int = 0
    late_seconds: float = 0.0


async def watch(service: Service) -> int:
    """One round: give warnings and make overdue what is due now; how many duties were fired."""
    memory: Watch = service.resources
    await _beat(service, memory)
    now = await _believed_now(service, memory)
    if now is None:
        return 0
    async with service.database.reading() as session:
        if not await duties.any_due(session, now):
            return 0
    try:
        async with service.units.begin() as uow:
            fired = await firing.fire(uow, now)
    except Exception:  # whatever it is: find the guilty row, spare its neighbours
        log.warning("watcher.batch_failed", exc_info=True)
        fired = await _one_by_one(service, now)
    memory.fired += len(fired)
    late = max(((now - duty.due.at).total_seconds() for duty in fired), default=0.0)
    memory.late_seconds = max(memory.late_seconds, late)
    return len(fired)


async def watcher_is_silent(service: Service) -> str | None:
    """Readiness: no watcher of this service has given a sign of life."""
    async with service.database.reading() as session:
        beaten = await watchers.last_beat(session)
    if beaten is None or SystemClock().now() - beaten > SILENT_AFTER:
        return "watcher_heartbeat"
    return None


async def _one_by_one(service: Service, now: datetime) -> list[Duty]:
    async with service.database.reading() as session:
        ids = await duties.due_ids(session, now, limit=firing.BATCH)
    fired: list[Duty] = []
    for duty_id in ids:
        try:
            async with service.units.begin() as uow:
                fired += await firing.fire(uow, now, limit=1, only=duty_id)
        except Exception as error:  # noqa: BLE001  it is set aside with an alarm, never lost
            log.warning("watcher.set_aside", duty_id=str(duty_id), error=type(error).__name__)
            async with service.units.begin() as uow:
                await duties.set_aside(uow.session, duty_id)
                alarm = Alarm(
                    AlarmCode.DUTY_SET_ASIDE, f"duty/{duty_id}", detail=type(error).__name__
                )
                await alarms.sound(uow.session, [alarm], at=now)
    return fired


async def _believed_now(service: Service, memory: Watch) -> datetime | None:
    """The instant to act on; None while the clocks disagree and the hold is not over."""
    async with service.database.reading() as session:
        database = service.clock.align(await watchers.database_now(session))
    reading = Reading(
        wall=service.clock.now(), database=database, monotonic=service.clock.monotonic()
    )
    trust = memory.trust.judge(reading)
    if trust.disagree and memory.clocks_agree:
        async with service.units.begin() as uow:
            alarm = Alarm(
                AlarmCode.CLOCKS_DISAGREE, memory.name, detail="进程时钟与数据库时钟相差过大"
            )
            await alarms.sound(uow.session, [alarm], at=database)
    elif not trust.disagree and not memory.clocks_agree:
        async with service.units.begin() as uow:
            await alarms.clear(uow.session, AlarmCode.CLOCKS_DISAGREE, at=database)
    memory.clocks_agree = not trust.disagree
    return trust.now


async def _beat(service: Service, memory: Watch) -> None:
    elapsed = memory.machine.monotonic()
    if memory.beaten_at is not None and elapsed - memory.beaten_at < BEAT_SECONDS:
        return
    async with service.units.begin() as uow:
        await watchers.beat(
            uow.session,
            memory.name,
            at=memory.machine.now(),
            fired=memory.fired,
            late_seconds=memory.late_seconds,
        )
    memory.beaten_at = elapsed
