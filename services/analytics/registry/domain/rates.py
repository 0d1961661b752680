"""Rates as entries of the registry, growth and percentiles.

A rate keeps both of its counts; nothing divided by nothing prints "—".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from services.analytics.registry.domain.measures import Weight

NONE = "—"
HALF = Fraction(1, 2)
NINE_TENTHS = Fraction(9, 10)


class Per(StrEnum):
    """What a rate is printed in."""

    HUNDRED = "%"
    THOUSAND = "‰"


BASE = {Per.HUNDRED: 100, Per.THOUSAND: 1000}
STEP = {Per.HUNDRED: Decimal("0.1"), Per.THOUSAND: Decimal("0.01")}
"""Rates are rounded half up to this."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of counts."""

    numerator: int
    denominator: int
    per: Per = Per.HUNDRED

    @property
    def value(self) -> float | str:
        """The share in its unit, or "—" when there is nothing to divide by."""
        return share_of(self.numerator, self.denominator, self.per)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A rate as an entry: sums of measures over sums of measures, by items or by person-times.

    `listed` ones are lines of `xinfang summary`."""

    name: str
    label: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    formula: str
    per: Per = Per.HUNDRED
    weight: Weight = Weight.ITEMS
    listed: bool = False
    description: str = ""

    def of(self, totals: Mapping[str, int]) -> Rate:
        """The rate of these totals."""
        above = sum(totals.get(name, 0) for name in self.numerator)
        return Rate(above, sum(totals.get(name, 0) for name in self.denominator), self.per)


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "on_time_rate", "按期答复率", ("answered_on_time",), ("judged",),
        "按期答复 ÷ 有答复期限的已答复", listed=True,
        description="answered by the last day ÷ answered with a known last day",
    ),
    Indicator(
        "due_on_time_rate", "到期答复率", ("answered_on_time",), ("judged", "answer_overdue_open"),
        "按期答复 ÷（有期限的已答复＋已超期未答复）",
        description="the same numerator ÷ (the same denominator + open with the answer overdue)",
    ),
    Indicator(
        "legal_on_time_rate", "其中法定期限", ("legal_on_time",), ("legal_judged",),
        "同 on_time_rate，只计法定期限", listed=True,
        description="as on_time_rate, limits of law only (Art. 34); internal targets and the"
        " convention for imported history stay out",
    ),
)  # fmt: skip


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


def share_of(part: int, whole: int, per: Per) -> float | str:
    """part / whole in the unit, rounded half up; "—" for an empty whole."""
    if whole == 0:
        return NONE
    exact = Decimal(part * BASE[per]) / Decimal(whole)
    return float(exact.quantize(STEP[per], rounding=ROUND_HALF_UP))


def percent(part: int, whole: int) -> float | str:
    """part / whole in percent, rounded half up to one decimal; "—" for an empty whole."""
    return share_of(part, whole, Per.HUNDRED)


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
