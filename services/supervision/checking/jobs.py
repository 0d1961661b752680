"""The checker: slow looks at the whole that no single event would trigger."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date

from services.supervision.checking import use_cases as checking
from services.supervision.duties.jobs.watcher import SILENT_AFTER, Watch, watcher_is_silent
from services.supervision.duties.use_cases.reckoning import reckon_again
from services.supervision.verification.jobs import SILENT_AFTER as WITNESS_SILENT_AFTER
from services.supervision.verification.jobs import duties_disagree
from shared.reference.checking.editions import faults_in_force
from shared.reference.editions import Reference
from shared.runtime.service import Service
from shared.vocabulary.duties import AlarmCode

_faulty: dict[tuple[object, ...], Mapping[str, str]] = {}
"""What was found wrong with a set of editions on a day: they never change."""


async def check(service: Service) -> int:
    """One round; more work is waiting only while a changed calendar or changed limits are being
    counted in."""
    silent = await _silent(service)
    faulty = await faulty_editions(service.reference, service.clock.today())
    async with service.units.begin() as uow:
        await checking.check_horizon(uow)
        await checking.check_heartbeats(uow, silent)
        await checking.check_editions(uow, faulty)
        await checking.check_cases(uow)
        return await checking.recount(uow) or await reckon_again(uow)


async def faulty_editions(reference: Reference, today: date) -> Mapping[str, str]:
    """Kind -> the first fault of its edition in force, where one was published before it was
    checked for this; looked for in a thread, once a day and set."""
    key = (today, *sorted(reference.ids.items()), reference.root_division)
    if key not in _faulty:
        found = await asyncio.to_thread(faults_in_force, reference, today=today)
        _faulty.clear()
        _faulty[key] = {kind: str(faults.found[0]) for kind, faults in found.items()}
    return _faulty[key]


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
