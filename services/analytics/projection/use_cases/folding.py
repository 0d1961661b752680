"""Folding parts into facts and roll-ups: repeats and order of arrival make no difference."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.analytics.facts import store as counts
from services.analytics.facts.domain import merge
from services.analytics.rollups import store as kept
from services.analytics.rollups.domain.cells import Change
from services.analytics.rollups.domain.documents import changes as kept_changes
from services.analytics.sources import store as parts
from services.analytics.sources.domain import Part
from shared.db.unit_of_work import UnitOfWork
from shared.reference.counting import packaged_counting_rules


async def fold(uow: UnitOfWork, received: Sequence[Part]) -> int:
    """Take in what is newer than what is known; returns how many petitions now count otherwise.

    The caller holds the gate (projection/store.py), so nothing changes in between."""
    newest: dict[object, Part] = {}
    for part in received:
        other = newest.get(part.key)
        if other is None or part.rank > other.rank:
            newest[part.key] = part
    known = await parts.known(uow.session, newest.values())
    fresh = [
        part for part in newest.values() if part.key not in known or part.rank > known[part.key][0]
    ]
    if not fresh:
        return 0
    dropped = sorted(
        (petition, *part.key)
        for part in fresh
        if part.key in known
        for petition in set(known[part.key][1]) - set(part.petition_ids)
    )
    await parts.save(uow.session, fresh, dropped=dropped)
    affected = {petition for part in fresh for petition in part.petition_ids}
    affected.update(petition for petition, _, _ in dropped)
    return await _recount(uow, sorted(affected))


async def _recount(uow: UnitOfWork, petition_ids: Sequence[UUID]) -> int:
    rules = packaged_counting_rules()
    home = uow.reference.divisions.subtree_range(uow.reference.root_division)
    old = await counts.facts_of(uow.session, petition_ids)
    known = await parts.of_petitions(uow.session, petition_ids)
    change = Change()
    changed = []
    for petition_id in petition_ids:
        new = merge(known.get(petition_id, ()), rules, home=home)
        if new is not None and new != old.get(petition_id):
            change.replace(old.get(petition_id), new)
            changed.append((petition_id, new))
    await counts.save_facts(uow.session, changed)
    await counts.apply_change(uow.session, change)
    await kept.apply(uow.session, kept_changes(change))
    return len(changed)
