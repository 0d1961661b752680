"""What the summary looks like on the wire. Names of codes are Chinese, codes stay beside them."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, Field

from services.analytics.domain.rates import Growth, Rate
from services.analytics.domain.summary import Size
from shared.vocabulary.petitions import Channel

Value = float | Literal["—"]
Days = int | Literal["—"]
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
    value: Value = Field(description="百分数，四舍五入到一位小数；分母为零时为“—”")
    unit: Literal["%"]
    weight: Literal["items"] = Field(description="按件次")

    @classmethod
    def of(cls, rate: Rate) -> Self:
        """The answer for a rate."""
        return cls(
            numerator=rate.numerator,
            denominator=rate.denominator,
            value=rate.value,
            unit="%",
            weight="items",
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


class FiguresOut(BaseModel):
    """All figures of one period; every `by_…` adds up to items and to person-times."""

    first_day: date = Field(serialization_alias="from")
    last_day: date = Field(serialization_alias="to")
    items: int
    batches: int
    person_times: int
    collective: SizeOut = Field(description="集体访")
    individual: SizeOut = Field(description="其余：个体访和来访以外的各种形式")
    visits: VisitsOut
    first: SizeOut = Field(description="初次")
    repeat: SizeOut = Field(description="重复")
    open: int = Field(description="未答复且未办结")
    answered: int
    closed_without_answer: int = Field(description="未出具答复而办结，如引导至法定途径")
    answered_on_time: int
    on_time_rate: RateOut = Field(description="按期答复 ÷ 有答复期限的已答复")
    due_on_time_rate: RateOut = Field(description="按期答复 ÷（有期限的已答复＋已超期未答复）")
    legal_on_time_rate: RateOut = Field(description="同 on_time_rate，只计法定期限")
    overdue_open: int = Field(description="未办结且有任务超期")
    days_to_answer: DaysOut
    by_category: dict[str, PartOut]
    by_division: dict[str, PartOut]
    by_channel: dict[str, PartOut]
    by_purpose: dict[str, PartOut]
    by_origin: dict[str, PartOut]
    by_tier: dict[str, PartOut] = Field(description="受理层级，1 省级 … 5 村级")


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
