"""What people do: file, correct, decide, accept, object, answer; and how routing opens a case."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.case_steps import Act, Opinion, ReferralKind
from services.routing.domain.decision import Confidence, Decision, DecisionKind
from services.routing.outgoing import record_case
from shared.contracts.intake import PetitionContentV1, PetitionFacts, PetitionRegisteredV1
from shared.contracts.words import Purpose
from shared.messaging.subscriptions import Received, Subscriptions
from tests.sim.machinery import Unit
from tests.sim.places import BUREAUS, COUNTY, OFFICE
from tests.supervision.events import a_petition

Ids = Callable[[], UUID]
CATEGORIES = ("030000", "030800", None)


def register(unit: Unit, rng: random.Random, *, key: str, ids: Ids) -> UUID:
    """File a petition under an idempotency key; its id, the same for a repeated key."""
    answers, stored = unit.session.table("answer"), unit.session.table("petition")
    if key in answers:
        return UUID(answers[key])
    known = [facts for _, facts in stored.values()]
    joins = bool(known) and rng.random() < 0.15
    petition = a_petition(
        ids(),
        matter_id=rng.choice(known).matter_id if joins else ids(),
        number=key,
        purpose=rng.choice([Purpose.CLAIM, Purpose.CLAIM, Purpose.SUGGESTION]),
        received_by=OFFICE if rng.random() < 0.8 else BUREAUS[0],
        received_on=unit.clock.today(),
        registered_at=unit.clock.now(),
        category_code=rng.choice(CATEGORIES),
        person_times=rng.randint(1, 7),
    )
    answers[key] = str(petition.petition_id)
    _tell(unit, petition, version=1)
    return petition.petition_id


def correct(unit: Unit, rng: random.Random) -> None:
    """Correct what no duty depends on: category and number of persons."""
    stored = unit.session.table("petition")
    if not stored:
        return
    version, petition = stored[rng.choice(list(stored))]
    changes = {"category_code": rng.choice(CATEGORIES), "person_times": rng.randint(1, 7)}
    _tell(unit, petition.model_copy(update=changes), version=version + 1)


def _tell(unit: Unit, petition: PetitionFacts, *, version: int) -> None:
    unit.session.table("petition")[petition.petition_id] = (version, petition)
    for event in (
        PetitionRegisteredV1(petition=petition),
        PetitionContentV1(petition=petition, title="", text="", place=None),
    ):
        unit.record(event, subject_id=petition.petition_id, sequence=version)


def routing_subscriptions(rng: random.Random, ids: Ids) -> Subscriptions:
    """Routing's reaction to content: the real case, without the search for its place."""
    subscriptions = Subscriptions(consumer="routing")

    @subscriptions.on_batch(PetitionContentV1)  # type: ignore[arg-type]
    async def open_cases(events: Sequence[Received[PetitionContentV1]], unit: Unit) -> None:
        ranks, matters = unit.session.table("rank"), unit.session.table("matter")
        for event in sorted(events, key=lambda each: each.envelope.rank):
            petition, rank = event.data.petition, event.envelope.rank
            known = ranks.get(petition.petition_id)
            ranks[petition.petition_id] = max(rank, known or rank)
            if known is not None:
                continue
            if petition.matter_id in matters:
                case = load(unit, matters[petition.matter_id])
                case.petition_ids.append(petition.petition_id)
                case.version += 1
            else:
                case = _open(unit, petition, rng, ids)
                matters[petition.matter_id] = case.case_id
            unit.session.table("case")[case.case_id] = case
            record_case(unit, case)  # type: ignore[arg-type]

    return subscriptions


def _open(unit: Unit, petition: PetitionFacts, rng: random.Random, ids: Ids) -> Case:
    case = Case(
        case_id=ids(),
        matter_id=petition.matter_id,
        petition_ids=[petition.petition_id],
        number=petition.number,
        purpose=str(petition.purpose),
        received_by=petition.received_by,
        received_by_petition_office=petition.received_by == OFFICE,
        received_on=petition.received_on,
        decider=OFFICE,
        notice_owed=petition.notice_owed,
        opened_on=unit.clock.today(),
        version=1,
        category_code=petition.category_code,
    )
    if rng.random() < 0.7:
        decide(case, rng, ids, on=unit.clock.today())
    else:
        needs_person = Decision(kind=DecisionKind.NEEDS_PERSON, confidence=Confidence.UNSURE)
        case.wait_for_person(needs_person)
    return case


def load(unit: Unit, case_id: UUID) -> Case:
    """A case to change, apart from the stored one."""
    stored: Case = unit.session.table("case")[case_id]
    return replace(
        stored,
        petition_ids=list(stored.petition_ids),
        referrals=[replace(referral) for referral in stored.referrals],
        happened=[],
    )


def decide(case: Case, rng: random.Random, ids: Ids, *, on: date) -> None:
    """Hand a case over to somebody."""
    kind = rng.choice(
        [DecisionKind.TRANSFER, DecisionKind.TRANSFER, DecisionKind.ASSIGNMENT,
         DecisionKind.OWN, DecisionKind.GUIDE]
    )  # fmt: skip
    decision = Decision(
        kind=kind,
        confidence=Confidence.PERSON,
        organ_code=OFFICE if kind is DecisionKind.OWN else rng.choice(BUREAUS),
        organ_division=COUNTY,
        division_code=COUNTY,
        category_code="030800",
        assigned_due_on=on + timedelta(days=30) if kind is DecisionKind.ASSIGNMENT else None,
    )
    case.decide(decision, referral_id=ids(), by_organ=case.decider, on=on)


def act(unit: Unit, rng: random.Random, ids: Ids) -> str:
    """One lawful step of one case by whoever must act next; what it was."""
    cases = unit.session.table("case")
    if not cases:
        return "nothing"
    case = load(unit, rng.choice(list(cases)))
    if not case.allowed:
        return "closed"
    today, step = unit.clock.today(), rng.choice(case.allowed)
    if step is Act.DECIDE:
        decide(case, rng, ids, on=today)
    elif step is Act.ACCEPT:
        case.accept(on=today)
    elif step is Act.OBJECT:
        case.object_to(reasons="not ours", on=today, last_day=date.max)
    elif step in (Act.UPHOLD, Act.REFUSE):
        case.judge_objection(upheld=step is Act.UPHOLD, reasons="because", on=today)
    elif step is Act.ANSWER:
        suggestion = case.purpose == Purpose.SUGGESTION
        opinion = Opinion.ADOPTED if suggestion else Opinion.SUPPORTED
        case.answer(opinion=opinion, text="done", legal_basis="Art. 32", on=today)
    elif case.current is not None and case.current.kind is ReferralKind.GUIDE:
        case.tell(method="post", on=today)
    else:
        case.deliver(method="post", on=today)
    case.version += 1
    cases[case.case_id] = case
    record_case(unit, case)  # type: ignore[arg-type]
    return f"{step} {case.case_id}"
