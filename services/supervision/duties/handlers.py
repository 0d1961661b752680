"""Petitions and cases: their whole facts, in whatever order they come.

Imported history needs no facts of intake: the case that routing opens for it carries its dates.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.supervision.duties.use_cases.reconciling import take_in
from services.supervision.facts.domain import (
    CaseFacts,
    Extension,
    HistoryFacts,
    Notice,
    Part,
    Pause,
    PetitionFacts,
    ReferralFacts,
    Wait,
    WaitKind,
)
from services.supervision.facts.store import Ranked
from services.supervision.subscriptions import SUBSCRIPTIONS
from shared.contracts.catalogue import CASE_EVENTS
from shared.contracts.envelope import EventData
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.routing import CaseEvent, Days
from shared.contracts.routing import CaseFacts as PublicCase
from shared.contracts.routing import ReferralFacts as PublicReferral
from shared.db.accused import joined
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import Received
from shared.reference.organs import Organs
from shared.vocabulary.cases import ReferralKind

UPHELD = "upheld"
REFUSED = ("refused", "not_again")


@SUBSCRIPTIONS.on_batch(PetitionRegisteredV1, *CASE_EVENTS)
async def reconcile_duties(events: Sequence[Received[EventData]], uow: UnitOfWork) -> None:
    """Bring the duties of all petitions and cases of the batch in line with their facts."""
    petitions: list[Ranked[PetitionFacts]] = []
    cases: list[Ranked[CaseFacts]] = []
    for event in events:
        if isinstance(event.data, PetitionRegisteredV1):
            petition = petition_facts(event.data, uow.reference.organs)
            petitions.append(Ranked(event.envelope.rank, petition))
        elif isinstance(event.data, CaseEvent):
            cases.append(Ranked(event.envelope.rank, case_facts(event.data.case)))
    await take_in(uow, petitions, cases)


def petition_facts(event: PetitionRegisteredV1, organs: Organs) -> PetitionFacts:
    """What supervision keeps of a registered petition."""
    petition = event.petition
    organ = organs.get(petition.received_by)
    return PetitionFacts(
        petition_id=petition.petition_id,
        purpose=petition.purpose.value,
        received_by=petition.received_by,
        received_division=division_of(petition.received_by),
        by_petition_office=organ is not None and organ.petition_office,
        received_on=petition.received_on,
        notice_owed=petition.notice_owed,
        complained_organ=joined(petition.complained_organ, *petition.also_complained),
    )


def case_facts(case: PublicCase) -> CaseFacts:
    """What supervision keeps of a case."""
    history = case.history
    return CaseFacts(
        case_id=case.case_id,
        petition_ids=tuple(case.petition_ids),
        purpose=case.purpose.value,
        received_by=case.received_by,
        received_division=division_of(case.received_by),
        by_petition_office=case.received_by_petition_office,
        received_on=case.received_on,
        notice_owed=case.notice_owed,
        decided_on=case.decided_on,
        closed_on=case.closed_on,
        refused=case.closing_kind in REFUSED,
        decider=case.decider,
        waits=tuple(
            Wait(kind=WaitKind(each.kind), since=each.since, until=each.until)
            for each in case.waits
        ),
        notices=tuple(
            Notice(
                ordinal=each.ordinal,
                organ_code=each.organ_code,
                division_code=division_of(each.organ_code),
                owed_on=each.owed_on,
                told_on=each.told_on,
            )
            for each in case.notices
        ),
        parts=tuple(
            Part(
                ordinal=each.ordinal,
                organ_code=each.organ_code,
                division_code=each.organ_division,
                assigned_on=each.assigned_on,
                due_on=each.due_on,
                answered_on=each.answered_on,
                excused_on=each.excused_on,
            )
            for each in case.parts
        ),
        hidden_from=joined(case.hidden_from, *case.also_hidden_from),
        referrals=tuple(referral_facts(each) for each in case.referrals),
        history=HistoryFacts(source=history.source, answered_on=history.answered_on)
        if history
        else None,
    )


def referral_facts(referral: PublicReferral) -> ReferralFacts:
    """What supervision keeps of a referral."""
    return ReferralFacts(
        ordinal=referral.ordinal,
        kind=ReferralKind(referral.kind.value),
        organ_code=referral.organ_code,
        organ_division=referral.organ_division,
        from_organ=referral.from_organ,
        referred_on=referral.referred_on,
        assigned_due_on=referral.assigned_due_on,
        objected_on=referral.objected_on,
        upheld=referral.verdict == UPHELD,
        verdict_on=referral.verdict_on,
        accepted_on=referral.accepted_on,
        answered_on=referral.answered_on,
        delivered_on=referral.delivered_on,
        ended_on=referral.ended_on,
        opinion=referral.opinion,
        simple=referral.simple,
        extension=_extension(referral),
        hearings=_pauses(referral.hearings),
        suspensions=_pauses(referral.suspensions),
        agreed_on=referral.agreed_on,
        reports="reported_on" in referral.model_fields_set,
        reported_on=referral.reported_on,
        report_judged_on=referral.report_judged_on,
        carry_out=referral.carry_out,
        carried_out_on=referral.carried_out_on,
    )


def _pauses(days: Sequence[Days]) -> tuple[Pause, ...]:
    return tuple(Pause(first=each.first, last=each.last) for each in days)


def _extension(referral: PublicReferral) -> Extension | None:
    if referral.extension_approved_on is None:
        return None
    return Extension(days=referral.extension_days, approved_on=referral.extension_approved_on)


def division_of(organ_code: str) -> str:
    """The division in an organ's code (`<12 digits>-<KIND>`)."""
    return organ_code.partition("-")[0]
