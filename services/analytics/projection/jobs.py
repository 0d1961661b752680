"""The job that counts anew what another definition of the figures has counted."""

from __future__ import annotations

from services.analytics.projection.store import projection_lock
from services.analytics.projection.use_cases.recounting import recount_next
from services.analytics.registry.domain.definition import definition
from shared.runtime.service import Service


async def recount(service: Service) -> int:
    """One step; returns 1 while there is more. Until all is counted summaries are put together from
    the facts, and refused for months whose facts are not counted yet either."""
    async with service.database.reading() as session:
        state = await projection_lock.read_state(session)
        before = await projection_lock.was_made_before(session)
    if state.is_complete and state.definition == definition() and not before:
        return 0
    async with service.units.begin() as uow:
        return int(await recount_next(uow, service.inbox))
