"""The second checker: a dead man's switch for the duties themselves (DL14)."""

from __future__ import annotations

from datetime import timedelta

from services.supervision.verification.use_cases import check_round, standing_of
from shared.kernel.clock import SystemClock
from shared.runtime.service import Service

SILENT_AFTER = timedelta(minutes=5)


async def compare(service: Service) -> int:
    """One round; never asks for another at once, so that it stays cheap under load."""
    await check_round(
        service.database,
        service.units,
        machine_now=SystemClock().now(),
        business_now=service.clock.now(),
    )
    return 0


async def duties_disagree(service: Service) -> str | None:
    """Readiness: stored duties differ from what the raw events call for, or nobody compares."""
    standing = await standing_of(service.database)
    if standing.beaten_at is None or SystemClock().now() - standing.beaten_at > SILENT_AFTER:
        return "witness_heartbeat"
    return "duties_disagree" if standing.wrong else None
