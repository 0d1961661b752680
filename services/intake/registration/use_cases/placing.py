"""What the reference data says about a filing: codes checked, category suggested, next steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.intake.desk.use_cases import Desk
from services.intake.petitions.domain.filing import FilingInvalid
from services.intake.petitions.domain.petition import Filing, NextStep, Receiver
from shared.kernel.workdays import Limit
from shared.reference.divisions import normalise_code
from shared.reference.editions import Reference
from shared.reference.limits import LimitMissing


@dataclass(frozen=True, slots=True)
class Category:
    """A category with who set it; confidence of a suggestion even where it was too low to use."""

    code: str | None = None
    by: str = "none"
    confidence: float | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """As columns of a petition."""
        return {
            "category_code": self.code,
            "category_by": self.by,
            "category_confidence": self.confidence,
        }


def placed(reference: Reference, filing: Filing, receiver: Receiver, *, today: date) -> Filing:
    """The filing with its codes checked, the division in its 12-digit form and, for an organ
    complained of that no longer exists, who took it over: it is that organ that must not know.
    The division stays as declared; routing says what took it over and why.

    Raises FilingInvalid for an unknown category or organ, for what is no division code, and for a
    division outside the one the receiver is bound to.
    """
    division = filing.division_code or receiver.within
    if division is not None:
        try:
            division = normalise_code(division)
        except ValueError as error:
            raise FilingInvalid("行政区划代码不正确", field="division_code") from error
        known = reference.divisions.current(division, today)
        place = known.code if known else division
        if receiver.within and not reference.divisions.contains(receiver.within, place):
            raise FilingInvalid("事项不在该系统所属区划内", field="division_code")
    if filing.category_code and reference.categories.get(filing.category_code) is None:
        raise FilingInvalid("没有这个内容分类", field="category_code")
    complained = filing.complained_organ
    if complained:
        if reference.organs.get(complained) is None:
            raise FilingInvalid("没有这个机关单位", field="complained_organ")
        current = reference.organs.current(complained, today)
        complained = current.code if current else complained
    return replace(filing, division_code=division, complained_organ=complained)


def category_of(reference: Reference, desk: Desk, filing: Filing) -> Category:
    """The declared category, else the classifier's suggestion where it is sure enough."""
    if filing.category_code:
        return Category(filing.category_code, "declared")
    suggestion = desk.classifier().suggest(filing.subject, filing.text)
    code = suggestion.category_code
    if code is not None and reference.categories.get(code) is None:
        code = None
    return Category(code, "suggested" if code else "none", suggestion.confidence)


def next_steps(
    reference: Reference, filing: Filing, receiver: Receiver, *, received_on: date
) -> tuple[NextStep, ...]:
    """What the receiving organ owes next: D1 of a petition office, D2 of another organ.

    Says the same for a sealed petition as for any other.
    """
    try:
        row = reference.limits.select(
            "D1" if receiver.petition_office else "D2",
            division_code=receiver.division_code,
            purpose=filing.purpose.value,
            on=received_on,
        )
    except LimitMissing:
        return ()
    if row.length is None:
        return ()
    limit = Limit(row.length, row.unit, roll=row.roll)
    due = reference.calendar.due(received_on, limit)
    return (NextStep(what=row.note, by=due.last_day, article=row.article),)
