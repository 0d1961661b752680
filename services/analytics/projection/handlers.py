"""Every event about a petition, its case or its duties changes the figures."""

from __future__ import annotations

from collections.abc import Sequence

from services.analytics.projection.store import projection_lock
from services.analytics.projection.use_cases.folding import fold
from services.analytics.registry.domain.definition import definition
from services.analytics.sources.use_cases import COUNTED, source_of
from services.analytics.subscriptions import SUBSCRIPTIONS
from shared.contracts.envelope import EventData
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import NotYet, Received


@SUBSCRIPTIONS.on_batch(*COUNTED)
async def project(events: Sequence[Received[EventData]], uow: UnitOfWork) -> None:
    """Count what a batch of events says. Raises NotYet while a rebuild is running, and while the
    figures are counted by the definition of another release, which then takes the events."""
    state = await projection_lock.acquire(uow.session)
    if state is None:
        raise NotYet("rebuild")
    if state.definition != definition():
        raise NotYet("definition")
    await fold(uow, [source_of(event) for event in events])
