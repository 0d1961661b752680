"""The checker: roll-ups against facts, a slice of days at a time, round and round."""

from __future__ import annotations

from services.analytics.use_cases.checking import Findings, check_next, rules_changed
from shared.runtime.service import Service


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
