"""Counting everything anew from the inbox: the second way to the same figures."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from services.analytics.facts import store as counts
from services.analytics.projection import store as gate
from services.analytics.rollups import store as kept
from services.analytics.sources import store as parts
from shared.contracts.catalogue import CASE_EVENTS, DUTY_EVENTS
from shared.contracts.envelope import EventData
from shared.contracts.intake import HistoryImportedV1, PetitionRegisteredV1
from shared.kernel.errors import Unavailable
from shared.reference.counting import packaged_counting_rules
from shared.runtime.service import Service

log = structlog.get_logger()

COUNTED: tuple[type[EventData], ...] = (
    PetitionRegisteredV1,
    HistoryImportedV1,
    *CASE_EVENTS,
    *DUTY_EVENTS,
)
"""Events that figures are made of."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many events were replayed and how many petitions they count."""

    events: int
    petitions: int


async def rebuild(service: Service, *, actor: str) -> Rebuilt:
    """Forget all figures and fold every event that was ever handled, in one transaction: readers
    see the old figures until it is done, and a crash changes nothing.

    Meanwhile new events wait. Raises Unavailable while another rebuild is running.
    """
    events = 0
    async with service.units.begin() as uow:
        if not await gate.enter(uow.session):
            raise Unavailable("正在重新统计")
        await parts.clear(uow.session)
        await counts.clear(uow.session)
        await kept.clear(uow.session)
        async for batch in service.inbox.replayed(frozenset(each.TYPE for each in COUNTED)):
            await service.spec.subscriptions.apply(batch, uow)
            events += len(batch)
        await gate.adopt(uow.session, packaged_counting_rules().edition)
        petitions = await counts.how_many(uow.session)
        uow.audit("figures.rebuilt", "figures/all", actor=actor, events=events)
    log.info("figures.rebuilt", events=events, petitions=petitions)
    return Rebuilt(events, petitions)
