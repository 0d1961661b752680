"""Every event about a petition, its case or its duties, folded into the figures."""

from __future__ import annotations

from collections.abc import Sequence

from services.analytics.domain.parts import CaseState, DutyState, Part, Registration
from services.analytics.handlers.subscriptions import SUBSCRIPTIONS
from services.analytics.store import gate
from services.analytics.use_cases.folding import fold
from services.analytics.use_cases.rebuilding import COUNTED
from shared.contracts.envelope import EventData
from shared.contracts.intake import HistoryImportedV1, PetitionFacts, PetitionRegisteredV1
from shared.contracts.routing import CaseEvent, CaseFacts
from shared.contracts.supervision import DutyEvent, DutyFacts
from shared.db.accused import joined
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import NotYet, Received
from shared.vocabulary.cases import ReferralState


@SUBSCRIPTIONS.on_batch(*COUNTED)
async def project(events: Sequence[Received[EventData]], uow: UnitOfWork) -> None:
    """Count what a batch of events says. Raises NotYet while a rebuild is running."""
    if not await gate.enter(uow.session):
        raise NotYet("rebuild")
    await fold(uow, [part_of(event) for event in events])


def part_of(event: Received[EventData]) -> Part:
    """The countable part of an event. Raises TypeError for an event that is not counted."""
    data, rank = event.data, event.envelope.rank
    if isinstance(data, PetitionRegisteredV1 | HistoryImportedV1):
        petition = data.petition
        ids = [petition.petition_id]
        return Part("petition", ids[0], rank, tuple(ids), _registration(petition))
    if isinstance(data, CaseEvent):
        return Part(
            "case", data.case.case_id, rank, tuple(data.case.petition_ids), _case(data.case)
        )
    if isinstance(data, DutyEvent):
        return Part(
            "duty", data.duty.duty_id, rank, tuple(data.duty.petition_ids), _duty(data.duty)
        )
    raise TypeError(type(data).__name__)


def _registration(petition: PetitionFacts) -> Registration:
    return Registration(
        received_on=petition.received_on,
        channel=petition.channel.value,
        origin=petition.origin.value,
        purpose=petition.purpose.value,
        category_code=petition.category_code,
        division_code=petition.division_code,
        received_by=petition.received_by,
        tier=petition.receiving_tier,
        person_times=petition.person_times,
        batch=petition.batch,
        repeat=petition.repeat,
        answered_on=petition.history.answered_on if petition.history else None,
        complained_organ=joined(petition.complained_organ, *petition.also_complained),
    )


def _case(case: CaseFacts) -> CaseState:
    held = [each for each in case.referrals if each.state is not ReferralState.RETURNED]
    last = max(held, key=lambda referral: referral.ordinal, default=None)
    return CaseState(
        state=case.state.value,
        purpose=case.purpose.value,
        category_code=case.category_code,
        division_code=case.division_code,
        organ_code=last.organ_code if last else None,
        answered_on=case.answered_on,
        closed_on=case.closed_on,
        hidden_from=joined(case.hidden_from, *case.also_hidden_from),
    )


def _duty(duty: DutyFacts) -> DutyState:
    return DutyState(
        kind=duty.kind,
        ordinal=duty.ordinal,
        state=duty.state.value,
        nature=duty.nature.value,
        due_on=duty.due_on,
    )
