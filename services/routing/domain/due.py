"""The next due date of a case, for sorting work lists; supervision alone judges duties.

Which limit applies is the limit table's business; here only which question to ask it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.routing.domain.case import Case, Referral
from services.routing.domain.case_steps import CaseState, ReferralKind
from shared.kernel.workdays import Calendar, Limit
from shared.reference.limits import LimitMissing, Limits

OBJECTION = "D4"


@dataclass(frozen=True, slots=True)
class Due:
    """A last day, the limit row it comes from and whether the calendar reached that far."""

    on: date
    limit_id: str
    article: str
    provisional: bool


def next_due(case: Case, *, limits: Limits, calendar: Calendar) -> Due | None:
    """Last day of what `case.next_organ` owes next; None when closed or no limit is known."""
    kinds, start = _question(case)
    if not kinds:
        return None
    due = _due(case, kinds, start, limits=limits, calendar=calendar)
    current = case.current
    assigned = current.assigned_due_on if current else None
    handling = case.state is CaseState.ACCEPTED
    if assigned is not None and handling and (due is None or assigned < due.on):
        return Due(assigned, "assigned", "《信访工作条例》第二十二条第三项", provisional=False)
    return due


def objection_window(
    case: Case, referral: Referral, *, limits: Limits, calendar: Calendar
) -> Due | None:
    """Last day of the objection right of a referral (Art. 23(3)); None where there is none."""
    if referral.kind not in (ReferralKind.TRANSFER, ReferralKind.ASSIGNMENT):
        return None
    return _due(case, (OBJECTION,), referral.referred_on, limits=limits, calendar=calendar)


def _question(case: Case) -> tuple[tuple[str, ...], date]:
    """Limit kinds to look up, law first, and the day they run from."""
    if case.state is CaseState.CLOSED:
        return (), case.received_on
    if case.history is not None:
        return ("reply",), case.received_on
    current = case.current
    if current is None:
        last = case.referrals[-1] if case.referrals else None
        if last is not None and last.verdict_on is not None:
            return ("redirect_internal",), last.verdict_on
        return _receipt(case), case.received_on
    by_state: dict[CaseState, tuple[tuple[str, ...], date | None]] = {
        CaseState.REFERRED: (_acceptance(case, current), current.referred_on),
        CaseState.OBJECTED: (("verdict_internal",), current.objected_on),
        CaseState.ACCEPTED: (("D5", "handling_internal"), current.accepted_on),
        CaseState.ANSWERED: (("delivery_internal",), current.answered_on),
    }
    kinds, start = by_state[case.state]
    return kinds, start or current.referred_on


def _receipt(case: Case) -> tuple[str, ...]:
    if case.received_by_petition_office:
        return ("D1",)
    return ("D2", "acceptance_internal") if case.notice_owed else ("acceptance_internal",)


def _acceptance(case: Case, current: Referral) -> tuple[str, ...]:
    if current.kind is ReferralKind.GUIDE:
        return ("guided_internal",)
    if current.kind is ReferralKind.OWN:
        first_hand = current.ordinal == 1 and not case.received_by_petition_office
        return _receipt(case) if first_hand else ("acceptance_internal",)
    if not case.notice_owed:
        return ("acceptance_internal",)
    return ("D3", "acceptance_internal")


def _due(
    case: Case, kinds: tuple[str, ...], start: date, *, limits: Limits, calendar: Calendar
) -> Due | None:
    current = case.current
    division = current.organ_division if current else case.division_code
    try:
        row = limits.select_first(
            kinds,
            division_code=division,
            purpose=case.purpose,
            source=case.history.source if case.history else "",
            on=start,
        )
    except LimitMissing:
        return None
    if row.length is None:
        return None
    due = calendar.due(start, Limit(row.length, row.unit, roll=row.roll))
    return Due(due.last_day, row.limit_id, row.article, provisional=due.provisional)
