"""What routing tells the others: the whole case with every change, posts, editions."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.routing.cases.domain.accused import kept_from
from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import TO_CARRY_OUT
from services.routing.cases.domain.due import hearings, suspensions
from services.routing.cases.domain.parts import Part
from services.routing.cases.domain.referral import Done, Referral
from shared.contracts.intake import HistoryFacts
from shared.contracts.papers import NoticeOwedV1, NoticeToldV1, PaperFacts, SlotValue
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
    CaseProgressedV1,
    CaseReferredV1,
    Days,
    EditionPublishedV1,
    GrantKeyPublishedV1,
    NoticeFacts,
    PartFacts,
    PostChangedV1,
    PostFacts,
    QueueUnattendedV1,
    ReferralFacts,
    WaitFacts,
)
from shared.db.unit_of_work import UnitOfWork
from shared.reference.editions import Edition
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import CaseState, DecisionKind, PartRole, ReferralKind, ReferralState
from shared.vocabulary.cases import CaseState as ContractState
from shared.vocabulary.petitions import Purpose

_BY_ACT: Mapping[Act, type[CaseEvent]] = {
    Act.DECIDE: CaseReferredV1,
    Act.PASS_ON: CaseReferredV1,
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
    CaseState.PUT_UP: CaseOpenedV1,
    CaseState.REFERRED: CaseReferredV1,
    CaseState.OBJECTED: CaseObjectedV1,
    CaseState.ACCEPTED: CaseAcceptedV1,
    CaseState.AGREED: CaseAcceptedV1,
    CaseState.ANSWERED: CaseAnsweredV1,
    CaseState.CLOSED: CaseDeliveredV1,
    CaseState.ARCHIVED: CaseDeliveredV1,
}


_REFUSALS = (Act.REFUSE_ACCEPTANCE, Act.NO_FURTHER_ACCEPTANCE)


def record_case(uow: UnitOfWork, case: Case, *, did: str | None = None) -> None:
    """Publish the one event of this change; sequence is the case's version. `did` names what is no
    act of the table."""
    facts = case_facts(case)
    act = case.happened[-1] if case.happened else None
    if did is not None or (act is not None and act not in _BY_ACT):
        event: CaseEvent = CaseProgressedV1(case=facts, act=did or str(act))
    elif act is not None:
        event = _BY_ACT[act](case=facts)
    elif case.decision_kind is DecisionKind.IMPORTED:
        event = CaseImportedV1(case=facts)
    else:  # opened for a person, or another petition joined
        event = _BY_STATE[case.state](case=facts)
    uow.record(event, subject_id=case.case_id, sequence=case.version)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a paper says but for name and address: the template's code, edition and hash, and the
    values of its slots as JSON keeps them."""

    template: str
    edition: str
    sha256: str
    values: Mapping[str, SlotValue]


def record_owed(uow: UnitOfWork, paper: PaperFacts, filled: Filled | None, *, title: str) -> None:
    """Publish a paper owed; without `filled` it is written by hand."""
    event = NoticeOwedV1(
        paper=paper,
        title=title,
        template=filled.template if filled else None,
        template_edition=filled.edition if filled else None,
        template_sha256=filled.sha256 if filled else None,
        values=dict(filled.values) if filled else {},
    )
    uow.record(event, subject_id=paper.notice_id, sequence=1)


def record_told(uow: UnitOfWork, paper: PaperFacts, *, told_on: date, method: str | None) -> None:
    """Publish that a paper reached whom it is owed to."""
    event = NoticeToldV1(paper=paper, told_on=told_on, method=method)
    uow.record(event, subject_id=paper.notice_id, sequence=2)


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


def record_unattended(uow: UnitOfWork, *, waits: bool) -> None:
    """Tell whether something waits on which nobody may decide; the minute orders what is told."""
    minute = int(uow.clock.now().timestamp()) // 60
    uow.record(QueueUnattendedV1(waits=waits), subject_id="all", sequence=minute)


def case_facts(case: Case) -> CaseFacts:
    """The public facts of a case."""
    hidden = kept_from(case)
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
        referrals=[_referral_facts(case, referral) for referral in case.referrals],
        answered_on=case.answered_on,
        delivered_on=case.delivered_on,
        closed_on=case.closed_on,
        closing_kind=case.closing_kind and str(case.closing_kind),
        solved_on=_day(case.journal.last(Act.SOLVE)),
        settled_on=_day(case.journal.last(Act.SETTLE)),
        decider=case.decider,
        waits=_waits(case),
        notices=[
            NoticeFacts(
                ordinal=each.ordinal,
                kind=each.kind,
                organ_code=each.organ_code,
                owed_on=each.owed_on,
                told_on=each.told_on,
            )
            for each in case.notices
        ],
        parts=[_part_facts(part) for part in case.parts],
        hidden_from=next(iter(hidden), None),
        also_hidden_from=hidden[1:],
        history=HistoryFacts(
            source=case.history.source,
            source_id=case.history.source_id,
            answered_on=case.history.answered_on,
        )
        if case.history
        else None,
        editions=dict(case.editions),
    )


def _part_facts(part: Part) -> PartFacts:
    return PartFacts(
        part_id=part.part_id,
        ordinal=part.ordinal,
        referral=part.referral,
        organ_code=part.organ_code,
        organ_division=part.organ_division,
        from_organ=part.assigned_by,
        role=PartRole(part.role),
        assigned_on=part.assigned_on,
        due_on=part.due_on,
        answered_on=part.answered_on,
        verdict=part.verdict,
        verdict_on=part.verdict_on,
        excused_on=part.excused_on,
    )


def _day(done: Done | None) -> date | None:
    return done.on if done else None


def _waits(case: Case) -> list[WaitFacts]:
    """After an upheld objection the hold itself tells; here what no hold can tell."""
    found: list[WaitFacts] = []
    for done in case.journal.of(Act.PUT_UP, Act.INSTRUCT, Act.REOPEN, Act.DECIDE, *_REFUSALS):
        if found and found[-1].until is None:
            found[-1] = found[-1].model_copy(update={"until": done.on})
        if done.act in (Act.PUT_UP, Act.INSTRUCT, Act.REOPEN):
            kind = "put_up" if done.act is Act.PUT_UP else "redirect"
            found.append(WaitFacts(kind=kind, since=done.on, until=None))
    return found


def _referral_facts(case: Case, referral: Referral) -> ReferralFacts:
    journal, ordinal = case.journal, referral.ordinal
    extension = journal.extension(ordinal)
    agreed = journal.last(Act.AGREE, Act.BREACH, referral=ordinal)
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
        route=referral.route and str(referral.route),
        ended_on=referral.ended_on,
        signed_on=journal.signed_on(ordinal),
        simple=journal.is_simple(ordinal),
        extension_days=extension.days if extension else 0,
        extension_approved_on=extension.approved_on if extension else None,
        hearings=[Days(first=each.first, last=each.last) for each in hearings(case, referral)],
        suspensions=[
            Days(first=each.first, last=each.last) for each in suspensions(case, referral)
        ],
        agreed_on=agreed.on if agreed and agreed.act is Act.AGREE else None,
        reported_on=journal.reported_on(ordinal),
        report_judged_on=_day(journal.last(Act.TAKE_REPORT, referral=ordinal)),
        carry_out=referral.delivered_on is not None and referral.opinion in TO_CARRY_OUT,
        carried_out_on=journal.carried_out_on(ordinal),
    )
