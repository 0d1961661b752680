"""The checker compares roll-ups with facts, a month at a time, in rounds without end."""

from __future__ import annotations

from services.analytics.checking.use_cases import Findings, being_recounted, check_next
from shared.runtime.service import Service

ROUND_SECONDS = 600.0
"""Rest between two rounds."""


async def check_in_rounds(service: Service) -> int:
    """`check` until a round is complete, then nothing for a while."""
    findings: Findings = service.resources
    now = service.clock.monotonic()
    if now < findings.rest_until:
        return 0
    more = await check(service)
    if not more:
        findings.rest_until = now + ROUND_SECONDS
    return more


async def check(service: Service) -> int:
    """Compare one month; returns 1 while the round has more."""
    findings: Findings = service.resources
    async with service.database.reading() as session:
        return int(await check_next(session, findings))


async def figures_are_wrong(service: Service) -> str | None:
    """Readiness: figures that disagree, or facts that are being counted anew."""
    findings: Findings = service.resources
    async with service.database.reading() as session:
        if await being_recounted(session):
            return "figures_being_recounted"
    return findings.reason
