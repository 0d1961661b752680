"""Folding parts into facts and roll-ups: repeats and order of arrival make no difference."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.analytics.domain.facts import merge
from services.analytics.domain.kept import changes as kept_changes
from services.analytics.domain.parts import Part
from services.analytics.domain.rollup import Change
from services.analytics.store import counts, kept, parts
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.rank import newer_than_known, newest
from shared.reference.counting import packaged_counting_rules


async def fold(uow: UnitOfWork, received: Sequence[Part]) -> int:
    """Take in what is newer than what is known; returns how many petitions now count otherwise.

    The caller holds the gate (store/gate.py), so nothing changes in between."""
    last = newest(received, key=lambda part: part.key, rank=lambda part: part.rank)
    known = await parts.known(uow.session, last.values())
    ranks = {key: rank for key, (rank, _) in known.items()}
    fresh = list(newer_than_known(last, ranks, rank=lambda part: part.rank).values())
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
