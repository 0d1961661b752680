"""What the facts call for: who owes what from when, and how it ended. No limits yet.

Only the lawful trigger starts or ends a duty (regulation, Art. 22, 23, 34-36).
"""

from __future__ import annotations

from collections.abc import Iterator

from services.supervision.duties.domain.holds import Hold, closed
from services.supervision.duties.domain.need import (
    End,
    Need,
    earliest,
    fell_away,
    fulfilled,
    not_before,
)
from services.supervision.facts.domain import (
    CaseFacts,
    HistoryFacts,
    Notice,
    Part,
    PetitionFacts,
    Wait,
    WaitKind,
    WholeFacts,
)
from shared.vocabulary.duties import DutyKind, SubjectKind

WAITED_FOR = {WaitKind.REDIRECT: DutyKind.REDIRECT, WaitKind.PUT_UP: DutyKind.PUT_UP}


def needs_of(facts: WholeFacts) -> Iterator[Need]:
    """All that the facts call for, what has already ended included."""
    case = facts.case
    if case is not None and case.history is not None:
        yield from _history(case, case.history)
        return
    for petition in facts.petitions:
        yield _receipt(petition, case)
    if case is not None:
        held = case.referrals
        for before, referral, after in zip((None, *held), held, (*held[1:], None), strict=False):
            yield from Hold(case, referral, before=before, after=after).needs()
        for number, wait in enumerate(case.waits, start=1):
            yield _wait(case, wait, number=number)
        for notice in case.notices:
            yield _notice(case, notice)
        for part in case.parts:
            yield _part(case, part)


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
            end=not_before(case.received_on, fulfilled(history.answered_on)),
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
        end=not_before(petition.received_on, _receipt_end(petition, case)),
        purpose=petition.purpose,
    )


def _receipt_end(petition: PetitionFacts, case: CaseFacts | None) -> End | None:
    if case is None:
        return None
    if case.was_kept and not petition.by_petition_office:
        # The organ kept it: what it owes is its own acceptance, told to the petitioner.
        first = case.referrals[0]
        done = fulfilled(first.accepted_on or first.answered_on)
        return done or fell_away(first.ended_on) or closed(case)
    return fulfilled(case.decided_on) or closed(case)


def _wait(case: CaseFacts, wait: Wait, *, number: int) -> Need:
    """What the deciding organ owes while no organ holds the case: a destination, or the decision it
    asked for (Art. 22).

    The ordinal counts down from -1, so that it never meets that of a hold, which counts up.
    """
    organ = case.decider or case.received_by
    return Need(
        kinds=(WAITED_FOR[wait.kind],),
        subject_kind=SubjectKind.CASE,
        subject_id=case.case_id,
        ordinal=-number,
        organ_code=organ,
        division_code=organ.partition("-")[0],
        started_on=wait.since,
        end=not_before(wait.since, fulfilled(wait.until) or closed(case)),
        purpose=case.purpose,
    )


def _notice(case: CaseFacts, notice: Notice) -> Need:
    """A paper is owed until it was told, also after the case ended (Art. 21, 23)."""
    return Need(
        kinds=(DutyKind.NOTICE,),
        subject_kind=SubjectKind.CASE,
        subject_id=case.case_id,
        ordinal=notice.ordinal,
        organ_code=notice.organ_code,
        division_code=notice.division_code,
        started_on=notice.owed_on,
        end=not_before(notice.owed_on, fulfilled(notice.told_on)),
        purpose=case.purpose,
    )


def _part(case: CaseFacts, part: Part) -> Need:
    """An assisting organ owes its opinion by the day it was given (Art. 24), while the case is
    open. One that the lead returned is owed again, by the same day."""
    gone = earliest(fell_away(part.excused_on), fell_away(case.closed_on))
    return Need(
        kinds=(DutyKind.PART,),
        subject_kind=SubjectKind.CASE,
        subject_id=case.case_id,
        ordinal=part.ordinal,
        organ_code=part.organ_code,
        division_code=part.division_code,
        started_on=part.assigned_on,
        end=not_before(part.assigned_on, earliest(fulfilled(part.answered_on), gone)),
        purpose=case.purpose,
        days=max(1, (part.due_on - part.assigned_on).days),
    )
