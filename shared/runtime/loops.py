"""The loops of a service: relay and inbox of each lane, and the jobs that every service has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared.kernel.lanes import in_lane
from shared.messaging.digest import make_digest
from shared.messaging.inbox import BATCH
from shared.messaging.lease import Lease
from shared.messaging.relay import Relay
from shared.runtime.service_spec import Job
from shared.runtime.workers import Worker

if TYPE_CHECKING:
    from shared.runtime.service import Service


def relay_worker(relay: Relay) -> Worker:
    """Sends what a lane's part of the outbox holds."""
    name = in_lane("relay", relay.lane)
    return Worker(name, relay.work, full=BATCH, on_stop=relay.lease.release)


def inbox_worker(service: Service, lane: int) -> Worker:
    """Handles what a lane's part of the inbox holds; one process of the service at a time."""
    name = in_lane("inbox", lane)
    lease = Lease(service.database, service.tables, name)

    async def work() -> int:
        return await service.inbox.work(lane) if await lease.hold() else 0

    return Worker(name, work, full=BATCH, on_stop=lease.release)


def job_worker(service: Service, job: Job) -> Worker:
    """Runs a job; where it is to run alone, in one process of the service at a time."""
    if not job.alone:
        return Worker(job.name, lambda: job.work(service), idle_max=job.idle_max)
    lease = Lease(service.database, service.tables, job.name)

    async def work() -> int:
        return await job.work(service) if await lease.hold() else 0

    return Worker(job.name, work, idle_max=job.idle_max, on_stop=lease.release)


async def _retain(service: Service) -> int:
    return await service.retention.work()


async def _make_digest(service: Service) -> int:
    return await make_digest(service.units, service=service.spec.name, clock=service.clock)


async def _seal_audit(service: Service) -> int:
    return await service.sealer.work()


async def _reconcile(service: Service) -> int:
    return await service.reconciler.work()


COMMON_JOBS: Final = (
    Job("retention", _retain, idle_max=3600.0, alone=True),
    Job("digest", _make_digest, idle_max=30.0, alone=True),
    Job("reconcile", _reconcile, idle_max=30.0, alone=True),
    Job("audit_seal", _seal_audit, idle_max=1.0, alone=True),
)
"""What every service does beside its own jobs."""
