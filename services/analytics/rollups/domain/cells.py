"""Roll-ups: sums per cell, and answers per number of days. The change is new minus old."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from services.analytics.registry.domain.dimensions import Cell
from services.analytics.registry.domain.measures import NAMES, Fact, counts_of

DaysKey = tuple[date, str, str, str, str, int]
"""received_on, division, organ, category, channel, days to answer."""


def days_key(fact: Fact) -> DaysKey | None:
    """The entry of an answered petition in the histogram of days, None while unanswered."""
    if fact.days is None:
        return None
    cell = fact.cell
    return (
        cell.received_on,
        cell.division_code,
        cell.organ_code,
        cell.category_code,
        cell.channel,
        fact.days,
    )


@dataclass(slots=True)
class RollupChange:
    """What a batch of new facts changes; the sum of two changes is the change of both."""

    cells: dict[Cell, Counter[str]] = field(default_factory=dict)
    days: Counter[DaysKey] = field(default_factory=Counter)

    def replace(self, old: Fact | None, new: Fact | None) -> None:
        """Count `new` instead of `old`."""
        if old is not None:
            self._count(old, -1)
        if new is not None:
            self._count(new, +1)

    def touched(self) -> list[tuple[Cell, dict[str, int]]]:
        """Cells whose sums change, in the order they must be written."""
        rows = ((cell, dict(counts)) for cell, counts in self.cells.items() if any(counts.values()))
        return sorted(rows, key=lambda row: row[0])

    def touched_days(self) -> list[tuple[DaysKey, int]]:
        """Entries of the histogram that change, in the order they must be written."""
        return sorted((key, count) for key, count in self.days.items() if count)

    def _count(self, fact: Fact, sign: int) -> None:
        counts = self.cells.setdefault(fact.cell, Counter(dict.fromkeys(NAMES, 0)))
        for name, value in counts_of(fact).items():
            counts[name] += sign * value
        if (key := days_key(fact)) is not None:
            self.days[key] += sign


def counted(facts: Iterable[Fact]) -> RollupChange:
    """The roll-up of facts counted from scratch."""
    change = RollupChange()
    for fact in facts:
        change.replace(None, fact)
    return change
