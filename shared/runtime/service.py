"""One running service: its database, inbox, relay, clock, reference data and loops."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from sqlalchemy import func, select

from shared.db.audit_sealer import Sealer
from shared.db.editions import load_reference
from shared.db.engine import Database
from shared.db.tables import not_done
from shared.db.unit_of_work import UnitOfWorkFactory
from shared.kernel.clock import Clock, OffsetClock, SystemClock
from shared.kernel.crash_points import arm
from shared.kernel.errors import Unavailable
from shared.kernel.keys import KeyRefused
from shared.messaging.bus import Bus
from shared.messaging.digest import Reconciler, make_digest
from shared.messaging.inbox import BATCH, Inbox
from shared.messaging.lease import Lease
from shared.messaging.relay import Relay
from shared.messaging.subscriptions import untraced
from shared.reference.editions import Reference
from shared.runtime.feed import make_feed
from shared.runtime.marks import Marks, UnsafeToStart
from shared.runtime.service_spec import Job, ServiceSpec
from shared.runtime.settings import Settings
from shared.runtime.starting import (
    refuse_other_queue,
    refuse_unsafe,
    refuse_unsound,
    wait_until_there,
)
from shared.runtime.store_watch import StoreWatch
from shared.runtime.tracing import make_tracing
from shared.runtime.trust import make_token_checker
from shared.runtime.workers import Worker
from shared.vocabulary.checks import NotReady
from shared.web.refusals import Refusals
from shared.web.security import Posts
from shared.web.tokens import Issuer

__all__ = ["Job", "Service", "ServiceSpec", "make_clock", "make_issuer"]

log = structlog.get_logger()

RELAY_LAG_SECONDS = 30.0
"""Age of the oldest unsent event from which readiness says so."""
DATABASE_SECONDS = 3.0
"""How long readiness waits for the database."""
AUDIT_LAG_SECONDS = 30.0
"""Age of the oldest unsealed audit row from which readiness says so."""


class Service:
    """See the module. `resources` is whatever the spec's `setup` puts there."""

    def __init__(
        self, spec: ServiceSpec, settings: Settings, *, bus: Bus, clock: Clock | None = None
    ) -> None:
        if settings.crash_point:
            arm(settings.crash_point)
        self.spec = spec
        self.settings = settings
        self.bus = bus
        self.clock = clock or make_clock(settings)
        self.tables = spec.tables
        self.marks = Marks(settings.data_dir)
        self.database = Database(settings.database(spec.name), pool_size=settings.pool_size)
        self.resources: Any = None
        self.tokens = make_token_checker(settings)
        self.tracing = make_tracing(settings, spec.name)
        self.relay = Relay(database=self.database, tables=spec.tables, bus=bus)
        self._relay_worker = Worker(
            "relay", self.relay.work, full=BATCH, on_stop=self.relay.lease.release
        )
        self.posts = Posts(self.database, spec.tables.post, self.clock)
        self.units = UnitOfWorkFactory(
            database=self.database,
            tables=spec.tables,
            clock=self.clock,
            service=spec.name,
            on_commit=self.wake_relay,
            on_posts_changed=self.posts.forget,
        )
        self.sealer = Sealer(
            database=self.database,
            tables=spec.tables,
            service=spec.name,
            anchor=settings.anchor(spec.name),
        )
        self.refusals = Refusals()
        self._inbox_lease = Lease(self.database, spec.tables, "inbox")
        self._inbox_worker = Worker(
            "inbox", self._work_inbox, full=BATCH, on_stop=self._inbox_lease.release
        )
        self.inbox = Inbox(
            database=self.database,
            tables=spec.tables,
            units=self.units,
            subscriptions=spec.subscriptions,
            wake=self._inbox_worker.wake,
            around=self.tracing.handling if self.tracing else untraced,
        )
        self.reconciler = Reconciler(
            database=self.database,
            tables=spec.tables,
            units=self.units,
            inbox=self.inbox,
            subscriptions=spec.subscriptions,
        )
        self.reconciler.feed = make_feed(settings)
        bus.subscribe(spec.subscriptions.consumer, spec.subscriptions.types, self.inbox.store)
        self.workers = [
            self._relay_worker,
            self._inbox_worker,
            Worker("reference", self._work_reference, idle_max=2.0),
            Worker("store_watch", StoreWatch(self.database, spec.metadata).work, idle_max=5.0),
            Worker("token_keys", self.tokens.renew, idle_max=60.0),
            Worker("refusals", self._tell_refusals, idle_max=60.0),
            self._job_worker(Job("digest", _make_digest, idle_max=30.0, alone=True)),
            self._job_worker(Job("reconcile", _reconcile, idle_max=30.0, alone=True)),
            self._job_worker(Job("audit_seal", _seal_audit, idle_max=1.0, alone=True)),
            *(self._job_worker(job) for job in spec.jobs),
        ]

    @property
    def reference(self) -> Reference:
        """The reference data in force. Raises Unavailable before the first load."""
        if self.units.reference is None:
            raise Unavailable("参考数据尚未载入")
        return self.units.reference

    def wake_relay(self) -> None:
        """Publish now: after a commit with events, or when the bus is back."""
        if not self.relay.lease.is_elsewhere:
            self._relay_worker.wake()

    async def prepare(self) -> None:
        """Load what is needed. Raises ValueError when the database is not migrated, and
        UnsafeToStart when the database may lose commits or the queue is not as it must be."""
        await refuse_unsafe(self.database)
        facts = await refuse_unsound(self.database, self.spec, self.marks)
        if not await self.database.keeps_statistics():
            log.warning("database.autovacuum_off", service=self.spec.name)
        await self._read_epoch()
        refuse_other_queue(
            self.settings, self.spec.subscriptions.consumer, await self._meta("queue_mark")
        )
        await self._work_reference()
        if self.spec.keys:
            await self.spec.keys(self.settings, self.database, is_trial=False)
        if self.spec.setup:
            await self.spec.setup(self)
        self.marks.leave(self.spec.name, facts.get("deployment", ""))
        self.database.damage = None  # tables that were late are there now

    async def start(self) -> None:
        """Prepare and start the loops; a database server or the migrate job may be late."""
        try:
            if self.database.is_file:
                await self.prepare()
            else:
                await wait_until_there(self.prepare, service=self.spec.name)
        except (UnsafeToStart, KeyRefused) as error:
            log.error("service.refuses_to_start", service=self.spec.name, reason=str(error))  # noqa: TRY400
            raise
        for worker in self.workers:
            worker.start()
        log.info("service.started", service=self.spec.name)

    async def halt(self) -> None:
        """End the loops after what they are doing; harmless to repeat."""
        await asyncio.gather(*(worker.stop() for worker in self.workers))

    async def stop(self) -> None:
        """End the loops, then close the database."""
        await self.halt()
        await self.database.close()
        if self.tracing:
            await self.tracing.stop()
        log.info("service.stopped", service=self.spec.name)

    async def not_ready(self) -> list[str]:
        """Reasons why this service is not fit for work; empty when it is."""
        if self.database.damage:
            return [NotReady.STORE_DAMAGED]
        reasons: list[str] = []
        try:
            await asyncio.wait_for(self.database.check(), DATABASE_SECONDS)
            _, age = await self.relay.lag()
            if age > RELAY_LAG_SECONDS:
                reasons.append(NotReady.RELAY_LAG)
            if await self.audit_unsealed_seconds() > AUDIT_LAG_SECONDS:
                reasons.append(NotReady.AUDIT_UNSEALED)
            if self.sealer.is_broken:
                reasons.append(NotReady.AUDIT_BROKEN)
            if not self.bus.is_ready:
                reasons.append(NotReady.BUS)
            reasons += [
                f"{NotReady.WORKER}:{w.name}" for w in self.workers if w.error or not w.is_alive
            ]
            for check in self.spec.readiness:
                if reason := await check(self):
                    reasons.append(reason)
        except Exception:  # noqa: BLE001  any failure means the same here
            return [NotReady.STORE_DAMAGED if self.database.damage else NotReady.DATABASE]
        return reasons

    async def audit_unsealed_seconds(self) -> float:
        """Age of the oldest audit row that could still be changed unnoticed."""
        return await self.sealer.unsealed_seconds(self.clock)

    async def audit_age(self) -> float | None:
        """The same for whoever asks how the service is: None where the database can't say."""
        try:
            return await asyncio.wait_for(self.audit_unsealed_seconds(), DATABASE_SECONDS)
        except Exception:  # noqa: BLE001  readiness has the reason
            return None

    async def unsettled(self) -> dict[str, int]:
        """What is still on its way here: unsent events, inbox rows new or held (decisions 17)."""
        inbox = self.tables.inbox
        unsent, _ = await self.relay.lag()
        async with self.database.reading() as session:
            found = await session.execute(
                select(inbox.c.state, func.count()).where(not_done(inbox)).group_by(inbox.c.state)
            )
            states: dict[str, int] = {row[0]: row[1] for row in found}
        return {
            "unsent": unsent,
            "new": states.get("new", 0),
            "held": states.get("held", 0),
            "parked": states.get("parked", 0),
        }

    async def _work_inbox(self) -> int:
        if not await self._inbox_lease.hold():
            return 0
        return await self.inbox.work()

    async def _work_reference(self) -> int:
        async with self.database.reading() as session:
            self.units.reference = await load_reference(
                session,
                self.tables,
                on=self.clock.today(),
                root_division=self.settings.root_division or await self._meta("root_division"),
            )
        return 0

    async def _tell_refusals(self) -> int:
        return await self.refusals.tell(self.units)

    async def _read_epoch(self) -> None:
        self.units.epoch = int(await self._meta("epoch") or "1")

    async def _meta(self, key: str) -> str:
        meta = self.tables.meta
        async with self.database.reading() as session:
            return await session.scalar(select(meta.c.value).where(meta.c.key == key)) or ""

    def _job_worker(self, job: Job) -> Worker:
        if not job.alone:
            return Worker(job.name, lambda: job.work(self), idle_max=job.idle_max)
        lease = Lease(self.database, self.tables, job.name)

        async def work() -> int:
            return await job.work(self) if await lease.hold() else 0

        return Worker(job.name, work, idle_max=job.idle_max, on_stop=lease.release)


async def _make_digest(service: Service) -> int:
    return await make_digest(service.units, service=service.spec.name, clock=service.clock)


async def _seal_audit(service: Service) -> int:
    return await service.sealer.work()


async def _reconcile(service: Service) -> int:
    return await service.reconciler.work()


def make_clock(settings: Settings) -> Clock:
    """The system clock, or in test mode the one shifted by a file."""
    if settings.clock_file:
        return OffsetClock(settings.clock_file, settings.zone)
    return SystemClock(settings.zone)


def make_issuer(settings: Settings) -> Issuer:
    """The built-in issuer of the data folder."""
    return Issuer(settings.data_dir / "keys" / "issuer.json", audience=settings.token_audience)
