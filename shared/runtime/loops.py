"""The loops of a service: relay and inbox of each lane, and the jobs that every service has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from shared.db.audit_sealer import BATCH_ROWS
from shared.kernel.lanes import in_lane
from shared.messaging.digest import make_digest
from shared.messaging.inbox import BATCH
from shared.messaging.lease import Lease
from shared.messaging.relay import Relay
from shared.runtime.answers import forget_old_answers
from shared.runtime.pace import SEAL_REST, SEAL_SECONDS, poll_seconds
from shared.runtime.service_spec import Job
from shared.runtime.workers import Worker

if TYPE_CHECKING:
    from shared.runtime.service import Service


def relay_worker(service: Service, relay: Relay) -> Worker:
    """Sends what a lane's part of the outbox holds."""
    idle_max, stop = poll_seconds(service.database), relay.lease.release
    name = in_lane("relay", relay.lane)
    return Worker(name, relay.work, idle_max=idle_max, full=BATCH, on_stop=stop)


def inbox_worker(service: Service, lane: int) -> Worker:
    """Handles what a lane's part of the inbox holds; one process of the service at a time."""
    idle_max = poll_seconds(service.database)

    async def work() -> int:
        return await service.inbox.work(lane)

    return _alone(service, in_lane("inbox", lane), work, idle_max=idle_max, full=BATCH)


def sealing_worker(service: Service) -> Worker:
    """Seals the audit log; one process of the service at a time."""
    return _alone(
        service,
        "audit_seal",
        service.sealer.work,
        idle_max=SEAL_SECONDS,
        full=BATCH_ROWS,
        rest=SEAL_REST,
    )


def job_worker(service: Service, job: Job) -> Worker:
    """Runs a job; where it is to run alone, in one process of the service at a time."""
    if not job.alone:
        return Worker(job.name, lambda: job.work(service), idle_max=job.idle_max)
    return _alone(service, job.name, lambda: job.work(service), idle_max=job.idle_max)


def _alone(
    service: Service, name: str, work: Callable[[], Awaitable[int]], **options: Any
) -> Worker:
    lease = Lease(service.database, service.tables, name)

    async def leased() -> int:
        return await work() if await lease.hold() else 0

    return Worker(name, leased, on_stop=lease.release, **options)


async def _retain(service: Service) -> int:
    return await service.retention.work()


async def _make_digest(service: Service) -> int:
    return await make_digest(service.units, service=service.spec.name, clock=service.clock)


async def _reconcile(service: Service) -> int:
    return await service.reconciler.work()


COMMON_JOBS: Final = (
    Job("retention", _retain, idle_max=3600.0, alone=True),
    Job("digest", _make_digest, idle_max=30.0, alone=True),
    Job("reconcile", _reconcile, idle_max=30.0, alone=True),
    Job("answers", forget_old_answers, idle_max=3600.0, alone=True),
)
"""What every service does beside its own jobs."""
