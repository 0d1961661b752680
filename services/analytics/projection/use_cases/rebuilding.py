"""Counting everything anew from the inbox: the second way to the same figures."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from services.analytics.facts import store as facts
from services.analytics.projection.domain import ProjectionState
from services.analytics.projection.store import projection_lock
from services.analytics.registry.domain.definition import definition
from services.analytics.rollups.store import cells, documents
from services.analytics.sources import store as sources
from services.analytics.sources.use_cases import COUNTED_TYPES
from shared.kernel.errors import Unavailable
from shared.runtime.service import Service

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many events were replayed and how many petitions they count."""

    events: int
    petitions: int


async def rebuild(service: Service, *, actor: str) -> Rebuilt:
    """Delete all figures and fold every event that was ever handled, in one transaction: readers
    see the old figures until it is done, and a crash changes nothing.

    Meanwhile new events wait. Raises Unavailable while another rebuild is running."""
    events = 0
    async with service.units.begin() as uow:
        if await projection_lock.acquire(uow.session) is None:
            raise Unavailable("正在重新统计")
        for each in (sources, facts, cells, documents):
            await each.clear(uow.session)
        await projection_lock.save_state(uow.session, ProjectionState(definition()))
        async for batch in service.inbox.replayed(COUNTED_TYPES):
            await service.spec.subscriptions.apply(batch, uow)
            events += len(batch)
        petitions = await facts.how_many(uow.session)
        uow.audit("figures.rebuilt", "figures/all", actor=actor, events=events)
    log.info("figures.rebuilt", events=events, petitions=petitions)
    return Rebuilt(events, petitions)
