"""What the summary looks like on the wire. Names of codes are Chinese, codes stay beside them.

Counts, rates and splits are members of the answer because they are entries of the registry.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, create_model

from services.analytics.registry.domain.dimensions import SHOWN
from services.analytics.registry.domain.measures import COUNTS
from services.analytics.registry.domain.rates import INDICATORS, Growth, Indicator, Rate
from services.analytics.summary.domain.figures import Size
from shared.vocabulary.petitions import Channel

Value = float | Literal["—"]
Days = int | Literal["—"]
Units: Any = Literal[tuple(dict.fromkeys(each.per.value for each in INDICATORS))]
Weights: Any = Literal[tuple(dict.fromkeys(each.weight.value for each in INDICATORS))]
UNKNOWN_KEY = "none"
"""Key of what nobody has decided yet."""


class SizeOut(BaseModel):
    """Two units that are never added: 件次 and 人次."""

    items: int = Field(description="件次")
    person_times: int = Field(description="人次")

    @classmethod
    def of(cls, size: Size) -> Self:
        """The answer for a size."""
        return cls(items=size.items, person_times=size.person_times)


class PartOut(SizeOut):
    """One part of a split."""

    name: str
    batches: int = Field(description="批次，只计来访")


class RateOut(BaseModel):
    """A share with both its counts; nothing to divide by gives "—"."""

    numerator: int
    denominator: int
    value: Value = Field(description="百分数四舍五入到一位小数，千分数到两位；分母为零时为“—”")
    unit: Units
    weight: Weights = Field(description="按件次或者人次")

    @classmethod
    def of(cls, rate: Rate, indicator: Indicator) -> Self:
        """The answer for a rate."""
        return cls(
            numerator=rate.numerator,
            denominator=rate.denominator,
            value=rate.value,
            unit=rate.per.value,
            weight=indicator.weight.value,
        )


class DaysOut(BaseModel):
    """Whole days from receipt to answer over the answered items, nearest rank."""

    median: Days
    p90: Days


class VisitsOut(BaseModel):
    """Visits alone: batches (批次) and person-times, collective and individual."""

    batches: int
    person_times: int
    collective: SizeOut
    individual: SizeOut


class PeriodOut(BaseModel):
    """The period counted, and what can't be one number."""

    first_day: date = Field(serialization_alias="from")
    last_day: date = Field(serialization_alias="to")
    visits: VisitsOut
    days_to_answer: DaysOut


def _counts() -> dict[str, Any]:
    return {
        each.name: (int, Field(description=each.explained or each.label))
        for each in COUNTS
        if each.shown
    }


def _rates() -> dict[str, Any]:
    return {each.name: (RateOut, Field(description=each.formula)) for each in INDICATORS}


def _splits() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in SHOWN:
        if each.pair:
            found |= {name: (SizeOut, Field(description=label)) for name, label in each.pair}
        else:
            about = Field(description=each.explained or f"按{each.label}")
            found[f"by_{each.name}"] = (dict[str, PartOut], about)
    return found


FiguresOut: Any = create_model(
    "FiguresOut",
    __base__=PeriodOut,
    __doc__="All figures of one period; every `by_…` adds up to items and to person-times.",
    **_counts(),
    **_rates(),
    **_splits(),
)


class GrowthOut(BaseModel):
    """Against the same period last year."""

    difference: int
    value: Value = Field(description="增减百分数；上年为零时为“—”")
    unit: Literal["%"]

    @classmethod
    def of(cls, now: int, before: int) -> Self:
        """The answer for a pair of figures."""
        growth = Growth(now, before)
        return cls(difference=growth.difference, value=growth.value, unit="%")


class PreviousOut(FiguresOut):
    """The same period last year, and how the figures changed since."""

    growth: dict[str, GrowthOut]


class AskedOut(BaseModel):
    """What the summary was restricted to; null means not restricted."""

    division: str | None
    organ: str | None
    category: str | None
    channel: Channel | None


class SummaryOut(FiguresOut):
    """A period's figures with those of the year before. Counted by date of receipt."""

    as_of: date
    division: str = Field(description="by_division 按该区划的下一级列出")
    division_name: str
    asked: AskedOut
    counting_rules: str = Field(description="统计口径版本")
    previous: PreviousOut


class RebuiltOut(BaseModel):
    """What a rebuild replayed and counted."""

    events: int
    petitions: int
