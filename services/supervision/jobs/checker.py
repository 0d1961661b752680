"""The checker: slow looks at the whole that no single event would trigger."""

from __future__ import annotations

from services.supervision.jobs.watcher import SILENT_AFTER, Watch, watcher_is_silent
from services.supervision.jobs.witness import SILENT_AFTER as WITNESS_SILENT_AFTER
from services.supervision.jobs.witness import duties_disagree
from services.supervision.store.alarms import AlarmCode
from services.supervision.use_cases import checking
from shared.runtime.service import Service


async def check(service: Service) -> int:
    """One round; more work is waiting only while a changed calendar is being counted in."""
    silent = await _silent(service)
    async with service.units.begin() as uow:
        await checking.check_horizon(uow)
        await checking.check_heartbeats(uow, silent)
        await checking.check_cases(uow)
        return await checking.recount(uow)


async def _silent(service: Service) -> dict[AlarmCode, bool]:
    """Who gives no sign of life, in machine time; a process just started waits for its first."""
    memory: Watch = service.resources
    up = memory.machine.monotonic() - memory.begun_at
    watcher = await watcher_is_silent(service) is not None
    witness = await duties_disagree(service) == "witness_heartbeat"
    return {
        AlarmCode.WATCHER_SILENT: watcher and up > SILENT_AFTER.total_seconds(),
        AlarmCode.WITNESS_SILENT: witness and up > WITNESS_SILENT_AFTER.total_seconds(),
    }
