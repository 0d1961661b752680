"""What the facts call for: who owes what from when, and how it ended. No limits yet.

Only the lawful trigger starts or ends a duty (regulation, Art. 22, 23, 34).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.supervision.domain.duty import DutyKind, Outcome, SubjectKind
from services.supervision.domain.facts import (
    CaseFacts,
    Extension,
    Handover,
    HistoryFacts,
    PetitionFacts,
    ReferralFacts,
    WholeFacts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The day an obligation ended and how."""

    on: date
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An obligation before its limit is looked up.

    `kinds`: law first, then our own target; `days`: a period set by the sender; `optional`: not
    owed where the limit table has no row.
    """

    kinds: tuple[DutyKind, ...]
    subject_kind: SubjectKind
    subject_id: UUID
    ordinal: int
    organ_code: str
    division_code: str
    started_on: date
    end: End | None
    purpose: str
    source: str = ""
    optional: bool = False
    days: int | None = None
    extension: Extension | None = None


def needs_of(facts: WholeFacts) -> Iterator[Need]:
    """All that the facts call for, what has already ended included."""
    case = facts.case
    if case is not None and case.history is not None:
        yield from _history(case, case.history)
        return
    for petition in facts.petitions:
        yield _receipt(petition, case)
    if case is not None:
        following = (*case.referrals[1:], None)
        for referral, after in zip(case.referrals, following, strict=False):
            yield from _referral(case, referral, after=after)


def _history(case: CaseFacts, history: HistoryFacts) -> Iterator[Need]:
    """Imported history owes one answer, counted from receipt; no acceptance is invented."""
    last = case.referrals[-1] if case.referrals else None
    for petition_id in case.petition_ids:
        yield Need(
            kinds=(DutyKind.REPLY,),
            subject_kind=SubjectKind.PETITION,
            subject_id=petition_id,
            ordinal=1,
            organ_code=last.organ_code if last else case.received_by,
            division_code=last.organ_division if last else case.received_division,
            started_on=case.received_on,
            end=_not_before(case.received_on, _fulfilled(history.answered_on)),
            purpose=case.purpose,
            source=history.source,
        )


def _receipt(petition: PetitionFacts, case: CaseFacts | None) -> Need:
    """What the receiving organ owes: D1 for a petition office (Art. 22), D2 else (Art. 23(1))."""
    if petition.by_petition_office:
        kinds: tuple[DutyKind, ...] = (DutyKind.D1,)
    elif petition.notice_owed:
        kinds = (DutyKind.D2, DutyKind.ACCEPTANCE)
    else:
        kinds = (DutyKind.ACCEPTANCE,)
    return Need(
        kinds=kinds,
        subject_kind=SubjectKind.PETITION,
        subject_id=petition.petition_id,
        ordinal=1,
        organ_code=petition.received_by,
        division_code=petition.received_division,
        started_on=petition.received_on,
        end=_not_before(petition.received_on, _receipt_end(petition, case)),
        purpose=petition.purpose,
    )


def _receipt_end(petition: PetitionFacts, case: CaseFacts | None) -> End | None:
    if case is None:
        return None
    first = case.referrals[0] if case.referrals else None
    kept = first is not None and first.kind is Handover.OWN
    if kept and not petition.by_petition_office:
        # The organ kept it: what it owes is its own acceptance, told to the petitioner.
        accepted = first.accepted_on or first.answered_on if first else None
        return _fulfilled(accepted) or _fell_away(case.closed_on)
    return _fulfilled(case.decided_on) or _fell_away(case.closed_on)


def _referral(
    case: CaseFacts, referral: ReferralFacts, *, after: ReferralFacts | None
) -> Iterator[Need]:
    """What one hold of the case calls for."""
    closed = _fell_away(case.closed_on)
    returned = _fell_away(referral.verdict_on if referral.upheld else None)
    taken = referral.accepted_on or referral.answered_on
    if referral.kind is Handover.GUIDE:
        end = _fulfilled(case.closed_on)
        yield _held(case, referral, DutyKind.GUIDED, start=referral.referred_on, end=end)
        return
    end = _fulfilled(taken) or returned or closed
    if referral.kind is not Handover.OWN:
        law = (DutyKind.D3,) if case.notice_owed else ()
        kinds = (*law, DutyKind.ACCEPTANCE)
        yield _held(case, referral, *kinds, start=referral.referred_on, end=end)
        used = _fulfilled(referral.objected_on) or _fell_away(taken) or closed
        yield _held(
            case, referral, DutyKind.D4, start=referral.referred_on, end=used, optional=True
        )
    elif case.by_petition_office or referral.ordinal > 1:  # else D2 is this very duty
        yield _held(case, referral, DutyKind.ACCEPTANCE, start=referral.referred_on, end=end)
    if referral.kind is Handover.ASSIGNMENT and referral.assigned_due_on is not None:
        yield _held(
            case,
            referral,
            DutyKind.ASSIGNED,
            start=referral.referred_on,
            end=_fulfilled(referral.answered_on) or returned or closed,
            days=max(1, (referral.assigned_due_on - referral.referred_on).days),
        )
    if referral.accepted_on is not None:
        end = _fulfilled(referral.answered_on) or returned or closed
        kinds = (DutyKind.D5, DutyKind.HANDLING)
        yield _held(case, referral, *kinds, start=referral.accepted_on, end=end)
    if referral.answered_on is not None:
        end = _fulfilled(referral.delivered_on) or closed
        yield _held(case, referral, DutyKind.DELIVERY, start=referral.answered_on, end=end)
    if referral.objected_on is not None:
        end = _fulfilled(referral.verdict_on) or closed
        yield _sent(case, referral, DutyKind.VERDICT, start=referral.objected_on, end=end)
    if referral.upheld and referral.verdict_on is not None:
        end = _fulfilled(after.referred_on if after else None) or closed
        yield _sent(case, referral, DutyKind.REDIRECT, start=referral.verdict_on, end=end)


def _held(
    case: CaseFacts,
    referral: ReferralFacts,
    *kinds: DutyKind,
    start: date,
    end: End | None,
    optional: bool = False,
    days: int | None = None,
) -> Need:
    """A duty of the organ that holds the case."""
    return Need(
        kinds=kinds,
        subject_kind=SubjectKind.CASE,
        subject_id=case.case_id,
        ordinal=referral.ordinal,
        organ_code=referral.organ_code,
        division_code=referral.organ_division,
        started_on=start,
        end=_not_before(start, end),
        purpose=case.purpose,
        optional=optional,
        days=days,
        extension=referral.extension if DutyKind.D5 in kinds else None,
    )


def _sent(
    case: CaseFacts, referral: ReferralFacts, kind: DutyKind, *, start: date, end: End | None
) -> Need:
    """A duty of the organ that handed the case over."""
    return Need(
        kinds=(kind,),
        subject_kind=SubjectKind.CASE,
        subject_id=case.case_id,
        ordinal=referral.ordinal,
        organ_code=referral.from_organ,
        division_code=referral.from_division,
        started_on=start,
        end=_not_before(start, end),
        purpose=case.purpose,
    )


def _fulfilled(on: date | None) -> End | None:
    return None if on is None else End(on=on, outcome=Outcome.FULFILLED)


def _fell_away(on: date | None) -> End | None:
    return None if on is None else End(on=on, outcome=Outcome.FELL_AWAY)


def _not_before(start: date, end: End | None) -> End | None:
    return None if end is None else End(on=max(start, end.on), outcome=end.outcome)
