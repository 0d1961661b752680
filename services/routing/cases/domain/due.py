"""The next due date of a case, for sorting work lists; supervision alone judges duties.

Which limit applies is the limit table's business; here only which question to ask it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from services.routing.cases.domain.case_steps import ENDED
from services.routing.cases.domain.referral import Referral
from services.routing.cases.domain.said import Suspended
from shared.kernel.workdays import Calendar, DateRange, Limit
from shared.reference.limits import LimitMissing, Limits
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import CaseState, ReferralKind
from shared.vocabulary.duties import Stop

if TYPE_CHECKING:
    from services.routing.cases.domain.case import Case


OBJECTION = "D4"


@dataclass(frozen=True, slots=True)
class Due:
    """A last day, the limit row it comes from and whether the calendar reached that far."""

    on: date
    limit_id: str
    article: str
    provisional: bool


def handling_due(case: Case, *, limits: Limits, calendar: Calendar) -> Due | None:
    """Last day of what `case.next_organ` owes next by the limit table alone; None when closed or no
    limit is known."""
    kinds, start = _question(case)
    return _due(case, kinds, start, limits=limits, calendar=calendar) if kinds else None


def next_due(case: Case, *, limits: Limits, calendar: Calendar) -> Due | None:
    """The same, or the last day an assigner set where that is sooner (Art. 22(3))."""
    due = handling_due(case, limits=limits, calendar=calendar)
    current = case.current
    assigned = current.assigned_due_on if current else None
    handling = case.state is CaseState.ACCEPTED
    if assigned is not None and handling and (due is None or assigned < due.on):
        return Due(assigned, "assigned", "《信访工作条例》第二十二条第三项", provisional=False)
    return due


def runs_from(case: Case) -> date:
    """The day from which the limit of what is owed next runs."""
    return _question(case)[1]


def objection_window(
    case: Case, referral: Referral, *, limits: Limits, calendar: Calendar
) -> Due | None:
    """Last day of the objection right of a referral (Art. 23(3)); None where there is none."""
    if referral.kind not in (ReferralKind.TRANSFER, ReferralKind.ASSIGNMENT):
        return None
    return _due(case, (OBJECTION,), referral.referred_on, limits=limits, calendar=calendar)


def _question(case: Case) -> tuple[tuple[str, ...], date]:
    """Limit kinds to look up, law first, and the day they run from."""
    if case.state in ENDED:
        return (), case.received_on
    if case.history is not None:
        return ("reply",), case.received_on
    current = case.current
    if current is None:
        back = case.journal.last(Act.UPHOLD, Act.REOPEN, Act.INSTRUCT, Act.PUT_UP)
        if back is None:
            given_back = case.last.verdict_on if case.last else None
            if given_back is not None:
                return ("redirect_internal",), given_back
            return _receipt(case), case.received_on
        kind = "put_up_internal" if back.act is Act.PUT_UP else "redirect_internal"
        return (kind,), back.on
    by_state: dict[CaseState, tuple[tuple[str, ...], date | None]] = {
        CaseState.REFERRED: (_acceptance(case, current), current.referred_on),
        CaseState.OBJECTED: (("verdict_internal",), current.objected_on),
        CaseState.ACCEPTED: _handling(case, current),
        CaseState.AGREED: (("fulfilment_internal",), current.answered_on),
        CaseState.ANSWERED: (("delivery_internal",), current.answered_on),
    }
    kinds, start = by_state[case.state]
    return kinds, start or current.referred_on


def _handling(case: Case, current: Referral) -> tuple[tuple[str, ...], date | None]:
    """Art. 34 for claims, Art. 35 and 36 for reviews; the simple procedure has its own number."""
    if current.kind is ReferralKind.REVIEW:
        return ("D7",), current.referred_on
    if current.kind is ReferralKind.RE_REVIEW:
        return ("D9",), current.referred_on
    if case.journal.is_simple(current.ordinal):
        return ("simple", "D5", "handling_internal"), current.accepted_on
    return ("D5", "handling_internal"), current.accepted_on


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


def remedy_until(
    case: Case, referral: Referral, *, limits: Limits, calendar: Calendar
) -> Due | None:
    """Last day to ask for a review or a re-review of a delivered opinion (Art. 35, 36); None where
    there is no such right or nothing was delivered."""
    if referral.delivered_on is None or referral.kind is ReferralKind.RE_REVIEW:
        return None
    kinds = ("D8",) if referral.is_review else ("D6",)
    return _due(case, kinds, referral.delivered_on, limits=limits, calendar=calendar)


def hearings(case: Case, referral: Referral) -> list[DateRange]:
    """Days of hearings that are over; in a re-review they do not count (Art. 36)."""
    found = case.journal.intervals(Act.OPEN_HEARING, Act.CLOSE_HEARING, referral=referral.ordinal)
    return [DateRange(each.start, each.to) for each in found if each.to is not None]


def suspensions(case: Case, referral: Referral) -> list[DateRange]:
    """Days handling was suspended or is to be; counted all the same where the rule in force knows
    no suspension."""
    found: list[DateRange] = []
    for done in case.journal.of(Act.SUSPEND, Act.RESUME, referral=referral.ordinal):
        if done.act is Act.SUSPEND:
            found.append(DateRange(done.on, done.said(Suspended).until))
        elif found:
            found[-1] = DateRange(found[-1].first, min(found[-1].last, done.on))
    return found


STOPS = {Stop.HEARING: hearings, Stop.SUSPENSION: suspensions}


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
    extension = 0
    stops: list[DateRange] = []
    if current is not None and case.state is CaseState.ACCEPTED:
        granted = case.journal.extension(current.ordinal)
        extension = min(granted.days, row.extension_days) if granted else 0
        stops = [each for kind in sorted(row.stops) for each in STOPS[kind](case, current)]
    limit = Limit(
        row.length, row.unit, roll=row.roll, extension=extension, suspensions=tuple(stops)
    )
    due = calendar.due(start, limit)
    return Due(due.last_day, row.limit_id, row.article, provisional=due.provisional)
