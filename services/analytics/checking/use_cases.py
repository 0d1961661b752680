"""Comparing roll-ups with facts while the service runs: a mismatch is never shown quietly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts import store as counts
from services.analytics.projection import store as gate
from services.analytics.rollups.domain.documents import month_of
from services.analytics.summary.store.sums import sums_all_ways
from shared.reference.counting import packaged_counting_rules

log = structlog.get_logger()


@dataclass(slots=True)
class Findings:
    """What this process knows of the health of the figures.

    `next_day` is where the round goes on, `seen` holds the wrong months of this round, `wrong`
    those known at present; `disagreed` is set by a summary that did not add up. The next round
    begins at `rest_until` on the monotonic clock."""

    next_day: date | None = None
    seen: set[date] = field(default_factory=set)
    wrong: set[date] = field(default_factory=set)
    disagreed: bool = False
    rest_until: float = float("-inf")

    @property
    def reason(self) -> str | None:
        """Why the figures can't be trusted, None when nothing is known against them."""
        return "figures_disagree" if self.disagreed or self.wrong else None


async def check_next(session: AsyncSession, findings: Findings) -> bool:
    """Compare one month of receipt; True while more of this round is to come."""
    span = await counts.span(session)
    if span is not None:
        month = month_of(findings.next_day or span[0])
        facts, ways = await sums_all_ways(session, month)
        differing = sorted(
            f"{way}.{name}"
            for way, sums in ways.items()
            for name in facts
            if sums[name] != facts[name]
        )
        if differing:
            findings.seen.add(month.first)
            findings.wrong.add(month.first)
            log.error("figures.disagree", month=str(month.first), names=differing)
        else:
            findings.wrong.discard(month.first)
        if month.last < span[1]:
            findings.next_day = month.last + timedelta(days=1)
            return True
    findings.wrong, findings.seen = findings.seen, set()
    findings.next_day, findings.disagreed = None, False
    return False


async def rules_changed(session: AsyncSession) -> bool:
    """Whether the stored figures were counted by other rules than those of this program."""
    return await gate.rules_in_use(session) != packaged_counting_rules().edition
