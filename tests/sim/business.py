"""What people do: file, correct, decide, every act of casework; and how routing opens a case."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.journal import Journal
from services.routing.cases.domain.procedure import Row
from services.routing.cases.outgoing import record_case
from services.routing.casework.acts import CASES
from services.routing.jurisdiction.domain.decision import Decision
from services.routing.papers.use_cases.notices import owe
from shared.contracts.intake import PetitionContentV1, PetitionFacts, PetitionRegisteredV1
from shared.kernel.errors import DomainError
from shared.messaging.subscriptions import Received, Subscriptions
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import Confidence, DecisionKind, PartState
from shared.vocabulary.petitions import Purpose
from shared.workflow.guards import Law, Step
from shared.workflow.pipeline import row_of
from tests.sim.machinery import Unit, run
from tests.sim.places import ASSISTANT, BUREAUS, COUNTY, OFFICE
from tests.supervision.events import a_petition
from tests.support.acts import ACT_BODIES, PATHS, take

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
    journal = Journal([replace(done) for done in stored.journal])
    return replace(
        stored,
        petition_ids=list(stored.petition_ids),
        referrals=[replace(referral) for referral in stored.referrals],
        notices=[replace(notice) for notice in stored.notices],
        parts=[replace(part) for part in stored.parts],
        undertakings=[replace(each) for each in stored.undertakings],
        journal=journal,
        happened=[],
    )


def _destination(rng: random.Random, kind: DecisionKind, *, on: date) -> Decision:
    return Decision(
        kind=kind,
        confidence=Confidence.PERSON,
        organ_code=OFFICE if kind is DecisionKind.OWN else rng.choice(BUREAUS),
        organ_division=COUNTY,
        division_code=COUNTY,
        category_code="030800",
        assigned_due_on=on + timedelta(days=30) if kind is DecisionKind.ASSIGNMENT else None,
    )


def decide(case: Case, rng: random.Random, ids: Ids, *, on: date) -> None:
    """Hand a case over to somebody."""
    kind = rng.choice(
        [DecisionKind.TRANSFER, DecisionKind.TRANSFER, DecisionKind.ASSIGNMENT,
         DecisionKind.OWN, DecisionKind.GUIDE]
    )  # fmt: skip
    case.decide(_destination(rng, kind, on=on), referral_id=ids(), by_organ=case.decider, on=on)


MAIN_LINE = frozenset(
    (Act.DECIDE, Act.ACCEPT, Act.OBJECT, Act.UPHOLD, Act.REFUSE, Act.ANSWER, Act.DELIVER, Act.TELL,
     Act.REVIEW, Act.REQUEST_REVIEW)
)  # fmt: skip
"""Half of the time one of these is taken, so that cases come to their end."""


def act(unit: Unit, rng: random.Random, ids: Ids) -> str:
    """One act of one case by whoever may do it; what it was, or why it was refused."""
    cases = unit.session.table("case")
    if not cases:
        return "nothing"
    case = load(unit, rng.choice(list(cases)))
    main = [each for each in case.allowed if each in MAIN_LINE]
    choices = main if main and rng.random() < 0.5 else case.allowed
    if not choices:
        return "closed"
    step, today = rng.choice(choices), unit.clock.today()
    try:
        row = run(_do(unit, case, step, rng, ids, on=today))
    except DomainError as refused:
        return f"{step} {case.case_id} refused: {refused.code}"
    run(owe(unit, case, row, organ=case.holder or OFFICE, on=today))  # type: ignore[arg-type]
    case.version += 1
    cases[case.case_id] = case
    record_case(unit, case)  # type: ignore[arg-type]
    return f"{step} {case.case_id}"


async def _do(
    unit: Unit, case: Case, which: Act, rng: random.Random, ids: Ids, *, on: date
) -> Row:  # fmt: skip
    """The act itself: routing's own function, except where it would look into other cases."""
    organ, law = case.holder or OFFICE, Law(unit.reference, on)
    if which is Act.DECIDE:
        row = row_of(CASES, case, which, law)
        decide(case, rng, ids, on=on)
        return row  # type: ignore[return-value]
    if which is Act.PASS_ON:
        row = row_of(CASES, case, which, law)
        case.take(row, Step(law, organ, "officer"))  # type: ignore[arg-type]
        kind = DecisionKind(str(case.referrals[-1].kind))
        chosen = _destination(rng, kind, on=on)
        case.hand_over(chosen, referral_id=ids(), by_organ=organ, on=on)
        return row  # type: ignore[return-value]
    other = which in (Act.REFUSE_ACCEPTANCE, Act.NO_FURTHER_ACCEPTANCE)
    return await take(
        case, which, ACT_BODIES[PATHS[which]] | _changed(case, which, on), law=law, organ=organ,
        person="officer", uow=unit, store=False,
        found=SimpleNamespace(last=None, notices=()) if other else None,
    )  # fmt: skip


def _changed(case: Case, which: Act, on: date) -> dict[str, Any]:
    """What of the usual body is different now."""
    still = [part.ordinal for part in case.parts if part.is_open]
    given = [part.ordinal for part in case.parts if part.state is PartState.ANSWERED]
    promised = [each.ordinal for each in case.undertakings if each.is_open]
    suggestion = case.purpose == Purpose.SUGGESTION
    in_a_month = (on + timedelta(days=30)).isoformat()
    changed: dict[Act, dict[str, Any]] = {
        Act.REFUSE: {"upheld": False, "reasons": "it is yours"},
        Act.RETURN_REPORT: {"accepted": False, "reasons": "not yet"},
        Act.ANSWER: {"opinion": "adopted"} if suggestion else {},
        Act.AGREE: {"fulfil_by": in_a_month, "undertakings": [
            {"party": "petitioner", "duty": "pay", "due": on.isoformat()},
            {"party": "person", "duty": "repair", "due": in_a_month},
        ]} if case.version % 2 else {"fulfil_by": in_a_month},
        Act.KEEP_UNDERTAKING: {"undertaking": promised[0]} if promised else {},
        Act.REQUEST_REVIEW: {"requested_on": on.isoformat()},
        Act.SHARE: {"parts": [{
            "organ_code": ASSISTANT, "role": "examine", "task": "look",
            "due_on": (on + timedelta(days=10)).isoformat(),
        }]},
        Act.ANSWER_PART: {"part": still[0]} if still else {},
        Act.EXCUSE_PART: {"part": still[0]} if still else {},
        Act.JUDGE_PART: {
            "part": given[0], "accepted": given[0] % 2 == 0, "reasons": "more, please",
        } if given else {},
    }  # fmt: skip
    return changed.get(which, {})
