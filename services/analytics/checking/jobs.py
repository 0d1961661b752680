"""The checker: roll-ups against facts, a slice of days at a time, round and round."""

from __future__ import annotations

from services.analytics.checking.use_cases import Findings, check_next, rules_changed
from shared.runtime.service import Service

ROUND_SECONDS = 600.0
"""Rest between two rounds: a long history is looked through again and again, not all the time."""


async def check_in_rounds(service: Service) -> int:
    """`check` until a round is through, then nothing for a while."""
    findings: Findings = service.resources
    now = service.clock.monotonic()
    if now < findings.rest_until:
        return 0
    more = await check(service)
    if not more:
        findings.rest_until = now + ROUND_SECONDS
    return more


async def check(service: Service) -> int:
    """Compare one slice; returns 1 while the round has more."""
    findings: Findings = service.resources
    async with service.database.reading() as session:
        return int(await check_next(session, findings))


async def figures_are_wrong(service: Service) -> str | None:
    """Readiness: figures that disagree, or were counted by other rules and need a rebuild."""
    findings: Findings = service.resources
    async with service.database.reading() as session:
        if await rules_changed(session):
            return "figures_need_rebuild"
    return findings.reason
