"""From what a summary is read: documents where they answer, cells for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.analytics.registry.domain.dimensions import PLACES
from services.analytics.registry.domain.period import Period, next_month
from services.analytics.rollups.domain.documents import DEEPEST_BY_DAY
from services.analytics.summary.domain.query import SummaryQuery, Visibility


@dataclass(frozen=True, slots=True)
class RollupPlan:
    """How a question is answered: documents of `division` for `months` (first days, both included)
    and `days`; from the cells what is left: `cells` of the division, and with `others` those of
    other divisions for the whole period."""

    division: str
    months: Period | None
    days: tuple[Period, ...]
    cells: tuple[Period, ...]
    others: bool


def plan_of(
    query: SummaryQuery,
    *,
    asked: tuple[str, str] | None,
    visible: Visibility,
    root: tuple[str, str],
) -> RollupPlan | None:
    """How documents answer a question, None when they can't: it has other filters, its division
    is smaller than a county or not wholly visible, or it spans no whole month.

    `asked` bounds the division codes asked for, `root` those of the deployment."""
    if query.organ or query.category or query.channel:
        return None
    everything = any(not low for low, _ in visible.divisions)
    if asked is None and not everything and (len(visible.divisions) != 1 or visible.organs):
        return None
    low, high = asked or (root if everything else visible.divisions[0])
    division = low[: _common(low, high)]
    inside = any(first <= low and high <= last for first, last in visible.divisions)
    if len(division) not in PLACES or high != division.ljust(12, "9") or not inside:
        return None
    months, edges = _split(query.period)
    by_day = len(division) <= DEEPEST_BY_DAY
    if months is None and not by_day:
        return None
    return RollupPlan(
        division=division,
        months=months,
        days=edges if by_day else (),
        cells=() if by_day else edges,
        others=asked is None and everything,
    )


def _common(low: str, high: str) -> int:
    return next(
        (at for at, pair in enumerate(zip(low, high, strict=True)) if len(set(pair)) > 1), 12
    )


def _split(period: Period) -> tuple[Period | None, tuple[Period, ...]]:
    """The whole months of a period (as their first days), and the days at its ends."""
    first = period.first
    start = first if first.day == 1 else next_month(first)
    after = period.last + timedelta(days=1) if period.last < date.max else period.last
    end = after.replace(day=1)
    if start >= end:
        return None, (period,)
    edges = []
    if first < start:
        edges.append(Period(first, start - timedelta(days=1)))
    if end <= period.last:
        edges.append(Period(end, period.last))
    return Period(start, (end - timedelta(days=1)).replace(day=1)), tuple(edges)
