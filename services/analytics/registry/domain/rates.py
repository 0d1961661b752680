"""Rates and percentiles as data: both counts are kept, nothing divided by nothing prints "—"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil

NONE = "—"
PERCENT = 100
STEP = Decimal("0.1")
HALF = Fraction(1, 2)
NINE_TENTHS = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of items in percent, rounded half up to one decimal."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | str:
        """Percent, or "—" when there is nothing to divide by."""
        return percent(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Growth:
    """A figure against the same period last year."""

    now: int
    before: int

    @property
    def difference(self) -> int:
        """By how much it is more."""
        return self.now - self.before

    @property
    def value(self) -> float | str:
        """Percent more, negative for less, "—" when there was nothing before."""
        return percent(self.difference, self.before)


def percent(part: int, whole: int) -> float | str:
    """part / whole in percent, rounded half up to one decimal; "—" for an empty whole."""
    if whole == 0:
        return NONE
    exact = Decimal(part * PERCENT) / Decimal(whole)
    return float(exact.quantize(STEP, rounding=ROUND_HALF_UP))


def percentile(histogram: Mapping[int, int], share: Fraction) -> int | None:
    """The smallest number of days within which at least `share` of the items lie (nearest rank);
    None for an empty histogram. The median is the share of one half."""
    total = sum(histogram.values())
    if total == 0:
        return None
    wanted = max(1, ceil(share * total))
    seen = 0
    for days in sorted(histogram):
        seen += histogram[days]
        if seen >= wanted:
            return days
    raise AssertionError("a histogram holds its total")
