"""The watcher: looks at what is due, as often as it likes, in as many processes as there are."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import Alarm
from services.supervision.duties.domain.clock_trust import ClockTrust, Reading
from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.store import duties, watchers
from services.supervision.duties.use_cases import firing
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.runtime.service import Service
from shared.vocabulary.duties import AlarmCode

log = structlog.get_logger()

BEAT_SECONDS = 5.0
SILENT_AFTER = timedelta(seconds=30)
HANDS = 2
"""Batches at once when so much is due: while the database writes one, the other is computed."""
PUT_OFF = timedelta(hours=1)
"""How long a duty that can't be fired is left alone; each attempt sounds its alarm again."""


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
    begun_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun_at = self.machine.monotonic()


async def watch(service: Service) -> int:
    """One round: give warnings and make overdue what is due now; how many duties were fired."""
    memory: Watch = service.resources
    await _beat(service, memory)
    now = await _believed_now(service, memory)
    if now is None:
        return 0
    async with service.database.reading() as session:
        waiting = await duties.how_many_due(session, now, most=HANDS * firing.BATCH)
    if not waiting:
        return 0
    try:
        fired = await _with_hands(service, now, -(-waiting // firing.BATCH))
    except Exception as error:
        if _is_passing(error):
            raise
        # Find the guilty row and spare its neighbours.
        log.warning("watcher.batch_failed", exc_info=True)
        fired = await _one_by_one(service, now)
    memory.fired += len(fired)
    late = max(((now - duty.due.at).total_seconds() for duty in fired), default=0.0)
    memory.late_seconds = max(memory.late_seconds, late)
    return len(fired)


async def _with_hands(service: Service, now: datetime, hands: int) -> list[Duty]:
    """As many batches at once; each takes what no other has in hand. Raises what a batch raised,
    when all have ended."""

    async def one() -> list[Duty]:
        async with service.units.begin() as uow:
            return await firing.fire(uow, now)

    fired: list[Duty] = []
    for batch in await asyncio.gather(*(one() for _ in range(hands)), return_exceptions=True):
        if isinstance(batch, BaseException):
            raise batch
        fired += batch
    return fired


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
        except Exception as error:
            if _is_passing(error):
                raise
            log.warning("watcher.put_off", duty_id=str(duty_id), error=type(error).__name__)
            async with service.units.begin() as uow:
                await duties.put_off(uow.session, duty_id, until=now + PUT_OFF)
                alarm = Alarm(
                    AlarmCode.DUTY_PUT_OFF, f"duty/{duty_id}", detail=type(error).__name__
                )
                await alarms.sound(uow.session, [alarm], at=now)
    return fired


def _is_passing(error: Exception) -> bool:
    """Whether the database is at fault and not a row: the supervised loop tries again."""
    if isinstance(error, IntegrityError | DataError):
        return False
    return isinstance(error, DBAPIError | PoolTimeout | OSError)


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
