"""Source records become facts and roll-ups: repeats and order of arrival make no difference."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.analytics.facts import store as facts
from services.analytics.facts.domain import fact_of
from services.analytics.rollups.domain.cells import RollupChange
from services.analytics.rollups.domain.documents import document_changes
from services.analytics.rollups.store import cells, documents
from services.analytics.sources import store as sources
from services.analytics.sources.domain import SourceRecord
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.rank import newer_than_known, newest
from shared.reference.counting import packaged_counting_rules


async def fold(uow: UnitOfWork, received: Sequence[SourceRecord]) -> int:
    """Store what is newer than what is known; returns how many petitions now count otherwise.

    The caller holds the projection lock, so nothing changes in between."""
    last = newest(received, key=lambda record: record.key, rank=lambda record: record.rank)
    known = await sources.known(uow.session, last.values())
    ranks = {key: rank for key, (rank, _) in known.items()}
    fresh = list(newer_than_known(last, ranks, rank=lambda record: record.rank).values())
    if not fresh:
        return 0
    dropped = sorted(
        (petition, *record.key)
        for record in fresh
        if record.key in known
        for petition in set(known[record.key][1]) - set(record.petition_ids)
    )
    await sources.save(uow.session, fresh, dropped=dropped)
    affected = {petition for record in fresh for petition in record.petition_ids}
    affected.update(petition for petition, _, _ in dropped)
    return await _count_again(uow, sorted(affected))


async def _count_again(uow: UnitOfWork, petition_ids: Sequence[UUID]) -> int:
    rules = packaged_counting_rules()
    home = uow.reference.divisions.subtree_range(uow.reference.root_division)
    old = await facts.facts_of(uow.session, petition_ids)
    known = await sources.of_petitions(uow.session, petition_ids)
    change = RollupChange()
    changed = []
    for petition_id in petition_ids:
        new = fact_of(known.get(petition_id, ()), rules, home=home)
        if new is not None and new != old.get(petition_id):
            change.replace(old.get(petition_id), new)
            changed.append((petition_id, new))
    await facts.save_facts(uow.session, changed)
    await cells.apply_change(uow.session, change)
    await documents.apply_changes(uow.session, document_changes(change))
    return len(changed)
