"""What routing tells the others: the whole case with every change, posts, editions."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from services.routing.domain.case import Case, Referral
from services.routing.domain.case_steps import Act, CaseState
from services.routing.domain.decision import DecisionKind
from shared.contracts.intake import HistoryFacts
from shared.contracts.routing import (
    CaseAcceptedV1,
    CaseAnsweredV1,
    CaseDeliveredV1,
    CaseEvent,
    CaseFacts,
    CaseImportedV1,
    CaseObjectedV1,
    CaseObjectionDecidedV1,
    CaseOpenedV1,
    CaseReferredV1,
    EditionPublishedV1,
    GrantKeyPublishedV1,
    PostChangedV1,
    PostFacts,
    ReferralFacts,
)
from shared.contracts.words import CaseState as ContractState
from shared.contracts.words import Purpose, ReferralKind, ReferralState
from shared.db.unit_of_work import UnitOfWork
from shared.reference.editions import Edition

_BY_ACT: Mapping[Act, type[CaseEvent]] = {
    Act.DECIDE: CaseReferredV1,
    Act.ACCEPT: CaseAcceptedV1,
    Act.OBJECT: CaseObjectedV1,
    Act.UPHOLD: CaseObjectionDecidedV1,
    Act.REFUSE: CaseObjectionDecidedV1,
    Act.ANSWER: CaseAnsweredV1,
    Act.DELIVER: CaseDeliveredV1,
    Act.TELL: CaseDeliveredV1,
}
_BY_STATE: Mapping[CaseState, type[CaseEvent]] = {
    CaseState.NEEDS_PERSON: CaseOpenedV1,
    CaseState.REFERRED: CaseReferredV1,
    CaseState.OBJECTED: CaseObjectedV1,
    CaseState.ACCEPTED: CaseAcceptedV1,
    CaseState.ANSWERED: CaseAnsweredV1,
    CaseState.CLOSED: CaseDeliveredV1,
}


def record_case(uow: UnitOfWork, case: Case) -> None:
    """Publish the one event of this change; sequence is the case's version."""
    if case.decision_kind is DecisionKind.IMPORTED and not case.happened:
        contract: type[CaseEvent] = CaseImportedV1
    elif case.happened:
        contract = _BY_ACT[case.happened[-1]]
    else:  # opened for a person, or another petition joined
        contract = _BY_STATE[case.state]
    uow.record(contract(case=case_facts(case)), subject_id=case.case_id, sequence=case.version)


def record_post(uow: UnitOfWork, post: PostFacts, *, version: int) -> None:
    """Publish a post as it is now."""
    uow.record(PostChangedV1(post=post), subject_id=post.post_id, sequence=version)


def record_edition(uow: UnitOfWork, edition: Edition) -> None:
    """Publish an edition whole; it never changes, so its sequence is 1."""
    uow.record(
        EditionPublishedV1(
            kind=edition.kind,
            edition_id=edition.edition_id,
            effective_on=edition.effective_on,
            sha256=edition.sha256,
            content_xz_base64=base64.b64encode(edition.pack()).decode(),
        ),
        subject_id=edition.edition_id,
        sequence=1,
    )


def record_grant_key(uow: UnitOfWork, key: GrantKeyPublishedV1, *, version: int) -> None:
    """Publish a key for checking grants as it is now."""
    uow.record(key, subject_id=key.key_id, sequence=version)


def case_facts(case: Case) -> CaseFacts:
    """The public facts of a case."""
    return CaseFacts(
        case_id=case.case_id,
        matter_id=case.matter_id,
        petition_ids=case.petition_ids,
        number=case.number,
        state=ContractState(case.state),
        purpose=Purpose(case.purpose),
        category_code=case.category_code,
        division_code=case.division_code,
        received_by=case.received_by,
        received_by_petition_office=case.received_by_petition_office,
        received_on=case.received_on,
        decided_on=case.decided_on,
        decision_kind=str(case.decision_kind),
        decision_confidence=str(case.decision_confidence),
        needs_person_reason=case.needs_person_reason and str(case.needs_person_reason),
        notice_owed=case.notice_owed,
        referrals=[_referral_facts(referral) for referral in case.referrals],
        answered_on=case.answered_on,
        delivered_on=case.delivered_on,
        closed_on=case.closed_on,
        history=HistoryFacts(
            source=case.history.source,
            source_id=case.history.source_id,
            answered_on=case.history.answered_on,
        )
        if case.history
        else None,
        editions=dict(case.editions),
    )


def _referral_facts(referral: Referral) -> ReferralFacts:
    return ReferralFacts(
        referral_id=referral.referral_id,
        ordinal=referral.ordinal,
        kind=ReferralKind(referral.kind),
        organ_code=referral.organ_code,
        organ_division=referral.organ_division,
        from_organ=referral.from_organ,
        state=ReferralState(referral.state),
        referred_on=referral.referred_on,
        assigned_due_on=referral.assigned_due_on,
        objected_on=referral.objected_on,
        verdict=referral.verdict,
        verdict_on=referral.verdict_on,
        accepted_on=referral.accepted_on,
        answered_on=referral.answered_on,
        opinion=referral.opinion and str(referral.opinion),
        delivered_on=referral.delivered_on,
        guided_to=referral.guided_to,
    )
