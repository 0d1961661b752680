"""Comparing roll-ups with facts while the service runs: a mismatch is never shown quietly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.domain.summary import Period
from services.analytics.store import counts, gate
from services.analytics.store.sums import sums_both_ways
from shared.reference.counting import packaged_counting_rules

log = structlog.get_logger()

SLICE_DAYS = 31
"""Days of receipt compared at once, so that a check stays small however long the history is."""


@dataclass(slots=True)
class Findings:
    """What this process knows of the health of the figures.

    `next_day` is where the round goes on, `seen` holds the wrong slices of this round, `wrong`
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
    """Compare one slice; True while more of this round is to come."""
    span = await counts.span(session)
    if span is not None:
        start = _slice_of(findings.next_day or span[0])
        period = Period(start, start + timedelta(days=SLICE_DAYS - 1))
        cells, facts = await sums_both_ways(session, period)
        if cells == facts:
            findings.wrong.discard(start)
        else:
            findings.seen.add(start)
            findings.wrong.add(start)
            differing = sorted(name for name in cells if cells[name] != facts[name])
            log.error("figures.disagree", first=str(start), last=str(period.last), names=differing)
        findings.next_day = period.last + timedelta(days=1)
        if findings.next_day <= span[1]:
            return True
    findings.wrong, findings.seen = findings.seen, set()
    findings.next_day, findings.disagreed = None, False
    return False


def _slice_of(day: date) -> date:
    """First day of the slice a day lies in; slices don't move when more is counted."""
    ordinal = day.toordinal()
    return date.fromordinal(max(1, ordinal - ordinal % SLICE_DAYS))


async def rules_changed(session: AsyncSession) -> bool:
    """Whether the stored figures were counted by other rules than those of this program."""
    return await gate.rules_in_use(session) != packaged_counting_rules().edition
