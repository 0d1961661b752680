"""Comparing roll-ups with facts while the service runs: a mismatch is never shown quietly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.checking.store import sums_all_ways
from services.analytics.facts import store as facts
from services.analytics.projection.store import projection_lock
from services.analytics.registry.domain.definition import definition
from services.analytics.registry.domain.period import Period, month_of
from services.analytics.rollups.store import cells

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
    """Compare one month of receipt; True while more of this round is to come. Months that are
    still to be counted by this program's definition are left to a later round."""
    span = await _span(session)
    if span is not None:
        month = month_of(findings.next_day or span[0])
        state = await projection_lock.read_state(session)
        if state.definition == definition() and state.covers(month):
            await _compare(session, month, findings)
        if month.last < span[1]:
            findings.next_day = month.last + timedelta(days=1)
            return True
    findings.wrong, findings.seen = findings.seen, set()
    findings.next_day, findings.disagreed = None, False
    return False


async def being_recounted(session: AsyncSession) -> bool:
    """Whether some facts are still to be counted by this program's definition."""
    state = await projection_lock.read_state(session)
    return state.definition != definition() or not state.facts_hold


async def _compare(session: AsyncSession, month: Period, findings: Findings) -> None:
    counted, ways = await sums_all_ways(session, month)
    differing = sorted(
        f"{way}.{name}"
        for way, sums in ways.items()
        for name in counted
        if sums[name] != counted[name]
    )
    if differing:
        findings.seen.add(month.first)
        findings.wrong.add(month.first)
        log.error("figures.disagree", month=str(month.first), names=differing)
    else:
        findings.wrong.discard(month.first)


async def _span(session: AsyncSession) -> tuple[date, date] | None:
    spans = [await facts.span(session), await cells.span(session)]
    known = [span for span in spans if span is not None]
    if not known:
        return None
    return min(span[0] for span in known), max(span[1] for span in known)
