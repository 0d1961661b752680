"""A petition's masked content opens its case, with its decision and reasons (decisions 4, 16, 17).

Works on a whole batch: what is known is read by one query, what is new is written by one
statement per table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.referral import History
from services.routing.cases.domain.rules import decider_of, due_of, jurisdiction, places
from services.routing.cases.outgoing import record_case
from services.routing.cases.store import cases, petitions, queue
from services.routing.cases.store.mapping import (
    case_values,
    decision_values,
    plain,
    referral_values,
)
from services.routing.cases.store.tables import (
    CaseRow,
    DecisionRow,
    PetitionRow,
    QueueRow,
    ReferralRow,
)
from services.routing.cases.use_cases.retaliation import became
from services.routing.jurisdiction.domain.decision import BY_RULES, Decision
from services.routing.jurisdiction.domain.matter import Matter
from services.routing.jurisdiction.domain.organ_words import packaged_organ_words
from services.routing.jurisdiction.use_cases import decider_apart, kept_back
from services.routing.places.domain.place import Place, Query
from services.routing.search_index.store import index as search_index
from shared.contracts.envelope import Envelope
from shared.contracts.intake import PetitionContentV1, PetitionFacts
from shared.db.accused import joined
from shared.db.unit_of_work import Cause, UnitOfWork
from shared.kernel.ids import new_id
from shared.reference.editions import Reference
from shared.vocabulary.cases import CaseState
from shared.vocabulary.petitions import Purpose


@dataclass(frozen=True, slots=True)
class Content:
    """One content event."""

    envelope: Envelope
    data: PetitionContentV1

    @property
    def facts(self) -> PetitionFacts:
        """The petition's countable facts."""
        return self.data.petition

    @property
    def text(self) -> dict[str, Any]:
        """The masked words as columns."""
        return {"title": self.data.title, "text": self.data.text, "place": self.data.place}

    @property
    def cause(self) -> Cause:
        """What this event sets off names it."""
        return Cause(self.envelope.correlationid, str(self.envelope.id))


@dataclass(frozen=True, slots=True)
class _Opened:
    case: Case
    decision: Decision
    place: Place
    contents: list[Content]


async def take_content(uow: UnitOfWork, contents: Sequence[Content]) -> None:
    """Open a case per new matter; add further petitions; take newer text of known ones."""
    newest: dict[UUID, Content] = {}
    for content in sorted(contents, key=lambda each: each.envelope.rank):
        newest[content.facts.petition_id] = content
        sealed_id = content.data.sealed_id
        if sealed_id is not None:
            await queue.close_sealed(uow, sealed_id)
            await became(uow, sealed_id, content.data)
    ranks = await petitions.ranks(uow.session, newest)
    matters = await petitions.cases_of_matters(
        uow.session, [content.facts.matter_id for content in newest.values()]
    )
    opened: dict[UUID, _Opened] = {}
    for petition_id, content in newest.items():
        uow.cause = content.cause
        matter_id = content.facts.matter_id
        if petition_id in ranks:
            if content.envelope.rank > ranks[petition_id]:
                await petitions.renew(uow.session, petition_id, content.envelope.rank, content.text)
        elif matter_id in matters:
            await _join(uow, matters[matter_id], content)
        elif matter_id in opened:
            opened[matter_id].case.petition_ids.append(petition_id)
            opened[matter_id].contents.append(content)
        else:
            opened[matter_id] = _open(uow, content)
    await _insert(uow, list(opened.values()))


def decided(reference: Reference, content: PetitionContentV1, on: date) -> tuple[Place, Decision]:
    """Where a petition's masked content belongs and where it goes on a day; stores nothing."""
    facts = content.petition
    place = places(reference, on).find(
        Query(
            subject=content.title,
            text=content.text,
            place=content.place or "",
            declared=facts.division_code,
            subject_alone=content.located_by_subject_alone,
            near=facts.received_by.partition("-")[0],
            root=reference.root_division,
        )
    )
    matter = Matter(
        purpose=Purpose(str(facts.purpose)),
        place=place,
        received_by=facts.received_by,
        category_code=facts.category_code,
        category_confidence=facts.category_confidence,
        complained_organ=facts.complained_organ,
        named_kinds=packaged_organ_words().named(content.title),
    )
    return place, kept_back(reference, jurisdiction(reference).decide(matter, on), content)


def _open(uow: UnitOfWork, content: Content) -> _Opened:
    facts, reference, today = content.facts, uow.reference, uow.clock.today()
    case = _new_case(reference, facts, today)
    place, decision = decided(reference, content.data, today)
    if facts.history is not None:
        past = facts.history
        history = History(past.source, past.source_id, past.answered_on)
        case.take_over(decision, referral_id=new_id(), history=history)
    elif decision.hands_over:
        case.decide(decision, referral_id=new_id(), by_organ=case.received_by, on=today)
    else:
        case.wait_for_person(decision)
        case.decider = decider_apart(reference, case.decider, content.data)
    return _Opened(case, decision, place, [content])


def _new_case(reference: Reference, facts: PetitionFacts, today: date) -> Case:
    receiver = reference.organs.get(facts.received_by)
    by_office = receiver is not None and receiver.petition_office
    decider = facts.received_by
    if not by_office:
        division = receiver.division_code if receiver else reference.root_division
        office = reference.organs.petition_office(division)
        decider = office.code if office else reference.root_petition_office
    case = Case(
        case_id=new_id(),
        matter_id=facts.matter_id,
        petition_ids=[facts.petition_id],
        number=facts.number,
        purpose=str(facts.purpose),
        received_by=facts.received_by,
        received_by_petition_office=by_office,
        received_on=facts.received_on,
        decider=decider,
        notice_owed=facts.notice_owed,
        opened_on=today,
        version=1,
        category_code=facts.category_code,
        complained_organ=facts.complained_organ,
        also_accused=joined(*facts.also_complained),
    )
    case.decider = decider_of(reference, case, decider, on=today)
    return case


async def _insert(uow: UnitOfWork, opened: Sequence[_Opened]) -> None:
    now = uow.clock.now()
    await uow.insert_many(CaseRow, [_case_row(uow, each) for each in opened])
    words = [(each.case.case_id, each.contents[0].text) for each in opened]
    await search_index.keep_words(uow.session, words)
    await uow.insert_many(
        PetitionRow,
        [_petition_row(o.case.case_id, content) for o in opened for content in o.contents],
    )
    await uow.insert_many(
        ReferralRow,
        [
            referral_values(r) | {"case_id": o.case.case_id}
            for o in opened
            for r in o.case.referrals
        ],
    )
    await uow.insert_many(DecisionRow, [_decision_row(each, now) for each in opened])
    waiting = [o.case for o in opened if o.case.state is CaseState.NEEDS_PERSON]
    await uow.insert_many(QueueRow, [queue.case_item(case, now) for case in waiting])
    for each in opened:
        uow.cause = each.contents[0].cause
        record_case(uow, each.case)


def _case_row(uow: UnitOfWork, opened: _Opened) -> dict[str, Any]:
    case, content = opened.case, opened.contents[0]
    return case_values(case, due_of(uow.reference, case)) | {
        "case_id": case.case_id,
        "channel": str(content.facts.channel),
        "origin": str(content.facts.origin),
        "declared_division": content.facts.division_code,
        "category_confidence": content.facts.category_confidence,
        "changed_at": uow.clock.now(),
        **content.text,
    }


def _petition_row(case_id: UUID, content: Content) -> dict[str, Any]:
    epoch, sequence = content.envelope.rank
    return {
        "petition_id": content.facts.petition_id,
        "case_id": case_id,
        "number": content.facts.number,
        "epoch": epoch,
        "sequence": sequence,
    }


def _decision_row(opened: _Opened, at: datetime) -> dict[str, Any]:
    suspected = opened.decision.suspected
    words = (suspected.words,) if suspected else ()
    evidence = [plain(found) for found in (*words, *opened.place.evidence)]
    return decision_values(opened.decision, evidence) | {
        "case_id": opened.case.case_id,
        "ordinal": 1,
        "decided_by": BY_RULES,
        "decided_at": at,
    }


async def _join(uow: UnitOfWork, case_id: UUID, content: Content) -> None:
    """A further petition about a matter that has its case."""
    case = await cases.load(uow.session, case_id, lock=True)
    if case is None:
        return
    case.petition_ids.append(content.facts.petition_id)
    await uow.insert_many(PetitionRow, [_petition_row(case_id, content)])
    await cases.save(uow, case, due_of(uow.reference, case))
    record_case(uow, case)
