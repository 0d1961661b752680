"""Verification of the duties, and the service's readiness by it."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.supervision.verification.use_cases import progress_of, verify_round
from shared.kernel.clock import SystemClock
from shared.runtime.service import Service

SILENT_AFTER = timedelta(minutes=5)
VERIFIER_SILENT = "witness_heartbeat"
"""The reason as it was published: monitoring asks for it."""


async def verify(service: Service) -> int:
    """One round; never asks for another at once, so that it stays cheap under load."""
    await verify_round(
        service.database,
        service.units,
        machine_now=SystemClock().now(),
        business_now=service.clock.now(),
    )
    return 0


async def duties_disagree(service: Service) -> str | None:
    """Readiness: stored duties differ from what the raw events call for, or none are compared."""
    async with service.database.reading() as session:
        progress = await progress_of(session)
    verified_at = progress.verified_at and datetime.fromisoformat(progress.verified_at)
    if not verified_at or SystemClock().now() - verified_at > SILENT_AFTER:
        return VERIFIER_SILENT
    return "duties_disagree" if progress.wrong else None
