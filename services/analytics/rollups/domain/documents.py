"""Sums kept ready for the usual questions: a division, a stretch of whole months, no other filter.

Each petition counts in the sums of its province, its city and its county, told by the first
digits of its division code alone, so that no later tree moves what was counted. Sums are by month;
those of a province also by day, for periods that begin or end within a month. Everything else is
summed from the cells.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.analytics.facts.domain import VISIT, Cell
from services.analytics.rollups.domain.cells import FIGURES, Change
from services.analytics.summary.domain.figures import (
    DAYS,
    NO,
    PARTITIONS,
    TOTAL,
    VISITS,
    YES,
    Period,
    Sight,
    SummedRow,
    Wanted,
)

DAY, MONTH = "d", "m"
DEPTHS = {2: 6, 4: 9, 6: 9}
"""Digits of a province, a city, a county -> digits by which its sums are split further: what lies
one level below it, and cities without counties, can still be told apart."""
DEEPEST_BY_DAY = 2
CATEGORY_DIGITS = 2
SIZES = FIGURES[:3]
"""items, batches, person_times: what each part of a split has."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One stored sum: first digits of a division code, DAY or MONTH, and the first day of it."""

    division: str
    grain: str
    first_day: date


@dataclass(slots=True)
class Sums:
    """The figures of a place and time: for each split value -> figures by the order of FIGURES."""

    counts: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def add(self, split: str, key: str, values: Iterable[int]) -> None:
        """Count more; `values` in the order of FIGURES, as many as the split has."""
        wanted = list(values)
        have = self.counts.setdefault(split, {}).setdefault(key, [0] * len(wanted))
        for at, value in enumerate(wanted):
            have[at] += value

    def merge(self, other: Sums) -> None:
        """Count everything of another one too."""
        for split, keys in other.counts.items():
            for key, values in keys.items():
                self.add(split, key, values)

    def rows(self) -> Iterator[SummedRow]:
        """As the rows a summary is put together from."""
        for split, keys in self.counts.items():
            for key, values in keys.items():
                padded = [*values, *([0] * (len(FIGURES) - len(values)))]
                yield SummedRow(split, key, dict(zip(FIGURES, padded, strict=True)))

    def to_text(self) -> str:
        """As stored, without zeros; empty when nothing is left."""
        counts: dict[str, Any] = {}
        for split, keys in self.counts.items():
            kept = {key: values for key, values in keys.items() if any(values)}
            if kept:
                counts[split] = kept
        return json.dumps(counts, separators=(",", ":"), sort_keys=True) if counts else ""

    @classmethod
    def of_text(cls, text: str) -> Sums:
        """What `to_text` wrote."""
        return cls(json.loads(text))


def changes(change: Change) -> dict[Place, Sums]:
    """What a change of cells changes in the kept sums."""
    found: dict[Place, Sums] = {}
    for cell, figures in change.touched():
        for place in _places(cell.division_code, cell.received_on):
            _add_cell(found.setdefault(place, Sums()), place, cell, figures)
    for (received_on, division, *_, days), items in change.touched_days():
        for place in _places(division, received_on):
            found.setdefault(place, Sums()).add(DAYS, str(days), [items])
    return found


def _places(division: str, day: date) -> Iterator[Place]:
    for depth in DEPTHS:
        yield Place(division[:depth], MONTH, day.replace(day=1))
        if depth <= DEEPEST_BY_DAY:
            yield Place(division[:depth], DAY, day)


def _add_cell(sums: Sums, place: Place, cell: Cell, figures: dict[str, int]) -> None:
    sums.add(TOTAL, "", figures.values())
    sizes = [figures[name] for name in SIZES]
    if not any(sizes):
        return
    digits = DEPTHS[len(place.division)]
    keys = (
        cell.category_code[:CATEGORY_DIGITS].ljust(6, "0") if cell.category_code else "",
        cell.division_code[:digits].ljust(12, "0"),
        *(cell.channel, cell.purpose, cell.origin, str(cell.tier)),
        *(YES if flag else NO for flag in (cell.repeat, cell.collective)),
    )
    for split, key in zip(PARTITIONS, keys, strict=True):
        sums.add(split, key, sizes)
    if cell.channel == VISIT:
        sums.add(VISITS, YES if cell.collective else NO, sizes)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a question is answered: kept sums of `division` for `months` (first days, both included)
    and `days`; from the cells what is left: `cells` of the division, and with `others` those of
    other divisions for the whole period."""

    division: str
    months: Period | None
    days: tuple[Period, ...]
    cells: tuple[Period, ...]
    others: bool


def reading_of(
    wanted: Wanted, *, asked: tuple[str, str] | None, sight: Sight, root: tuple[str, str]
) -> Reading | None:
    """How kept sums answer a question, None when they can't: it has other filters, its division
    is smaller than a county or not wholly in sight, or it spans no whole month.

    `asked` bounds the division codes asked for, `root` those of the deployment."""
    if wanted.organ or wanted.category or wanted.channel:
        return None
    seen = [(low, high) for low, high in sight.divisions]
    everything = any(not low for low, _ in seen)
    if asked is None and not everything and (len(seen) != 1 or sight.organs):
        return None
    low, high = asked or (root if everything else seen[0])
    division = low[: _common(low, high)]
    inside = any(first <= low and high <= last for first, last in seen)
    if len(division) not in DEPTHS or high != division.ljust(12, "9") or not inside:
        return None
    months, edges = _split(wanted.period)
    by_day = len(division) <= DEEPEST_BY_DAY
    if months is None and not by_day:
        return None
    return Reading(
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
    """The whole months of a period (as their first days), and what sticks out of them."""
    first = period.first
    start = first if first.day == 1 else _next_month(first)
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


def _next_month(day: date) -> date:
    if (day.year, day.month) == (date.max.year, date.max.month):
        return date.max
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_of(day: date) -> Period:
    """The calendar month a day lies in."""
    first = day.replace(day=1)
    following = _next_month(day)
    last = date.max if following == date.max else following - timedelta(days=1)
    return Period(first, last)


def totals_by_kind(texts: Iterable[tuple[str, str]]) -> dict[str, Counter[str]]:
    """Totals of all stored sums of a month, by kind: digits of the division and grain (`2d`, `4m`).
    Each kind covers every petition once, so all must be the same."""
    kinds = [f"{depth}{MONTH}" for depth in DEPTHS]
    kinds += [f"{depth}{DAY}" for depth in DEPTHS if depth <= DEEPEST_BY_DAY]
    found = {kind: Counter(dict.fromkeys(FIGURES, 0)) for kind in kinds}
    for kind, text in texts:
        total = Sums.of_text(text).counts.get(TOTAL, {}).get("", [])
        found[kind].update(dict(zip(FIGURES, total, strict=False)))
    return found
