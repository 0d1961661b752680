"""Counting anew in small steps after the definition of the figures has changed.

Each step is a transaction that notes how far it came, so a crash costs one step. Events are counted
in between; what they change in a month still to be counted is counted with it.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import structlog

from services.analytics.facts import store as facts
from services.analytics.facts.domain import fact_of
from services.analytics.projection.domain import ProjectionState
from services.analytics.projection.store import projection_lock
from services.analytics.registry.domain.measures import Fact
from services.analytics.registry.domain.period import Period, month_of
from services.analytics.rollups.domain.cells import counted
from services.analytics.rollups.domain.documents import document_changes
from services.analytics.rollups.store import cells, documents
from services.analytics.sources import store as sources
from services.analytics.sources.use_cases import COUNTED_TYPES, source_of
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.inbox import Inbox
from shared.reference.counting import packaged_counting_rules

log = structlog.get_logger()


async def recount_next(uow: UnitOfWork, inbox: Inbox) -> bool:
    """One step; True while more is to be done."""
    state = await projection_lock.begin(uow.session)
    if state is None or state.is_complete:
        return False
    if state.replayed_to is not None:
        done = await _replay(uow, inbox, state, state.replayed_to)
    else:
        done = await _count_month(uow, state)
    await projection_lock.save_state(uow.session, done)
    if done.is_complete:
        log.info("figures.recounted", definition=done.definition.rollups)
    return not done.is_complete


async def _replay(
    uow: UnitOfWork, inbox: Inbox, state: ProjectionState, position: int
) -> ProjectionState:
    """Read the sources of some more events anew, for attributes that were not stored before."""
    events, last = await inbox.handled_after(position, COUNTED_TYPES)
    await sources.refresh(uow.session, map(source_of, events))
    return state.replayed(last)


async def _count_month(uow: UnitOfWork, state: ProjectionState) -> ProjectionState:
    """Count one more month, the newest first."""
    month = await _next_month(uow, state)
    if month is None:
        return state.counted(None)
    known = await facts.facts_between(uow.session, month)
    if not state.facts_hold:
        known = await _merged(uow, known)
    await cells.clear(uow.session, month)
    await documents.clear(uow.session, month)
    change = counted(known.values())
    await cells.apply_change(uow.session, change)
    await documents.apply_changes(uow.session, document_changes(change))
    return state.counted(month.first if month.first > date.min else None)


async def _next_month(uow: UnitOfWork, state: ProjectionState) -> Period | None:
    spans = [await facts.span(uow.session), await cells.span(uow.session)]
    first = min((span[0] for span in spans if span), default=date.max)
    last = max((span[1] for span in spans if span), default=date.min)
    if state.counted_from is not None and state.counted_from > date.min:
        last = min(last, state.counted_from - timedelta(days=1))
    return month_of(last) if first <= last else None


async def _merged(uow: UnitOfWork, known: dict[UUID, Fact]) -> dict[UUID, Fact]:
    """These petitions counted from their sources; what differs is stored."""
    rules = packaged_counting_rules()
    home = uow.reference.divisions.subtree_range(uow.reference.root_division)
    found: dict[UUID, Fact] = {}
    for petition_id, known_sources in (await sources.of_petitions(uow.session, known)).items():
        fact = fact_of(known_sources, rules, home=home)
        if fact is not None:
            found[petition_id] = fact
    changed = [(each, fact) for each, fact in found.items() if fact != known[each]]
    await facts.save_facts(uow.session, changed)
    return found
