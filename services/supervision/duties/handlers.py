"""Petitions and cases: their whole facts, in whatever order they come.

Imported history needs no facts of intake: the case that routing opens for it carries its dates.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.supervision.duties.use_cases.reconciling import ingest
from services.supervision.facts.domain import CaseFacts, PetitionFacts
from services.supervision.facts.store import Ranked
from services.supervision.facts.use_cases import case_facts, petition_facts
from services.supervision.subscriptions import SUBSCRIPTIONS
from shared.contracts.catalogue import CASE_EVENTS
from shared.contracts.envelope import EventData
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.routing import CaseEvent
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import Received


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
    await ingest(uow, petitions, cases)
