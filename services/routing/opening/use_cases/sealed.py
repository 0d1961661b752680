"""Sealed items: all that routing may know is that something waits (decisions 4)."""

from __future__ import annotations

from uuid import UUID

from services.routing.cases.store import queue
from services.routing.cases.use_cases import retaliation
from shared.db.unit_of_work import UnitOfWork


async def hold(
    uow: UnitOfWork,
    sealed_id: UUID,
    *,
    sealed_class: str,
    opener: str | None,
    retaliation_for: UUID | None = None,
) -> None:
    """Queue a sealed item for the organ before which intake put it (of items told of before intake
    said so, the petition office of the root; nobody's where that is empty); a report of retaliation
    keeps the matter it is about open."""
    await queue.hold_sealed(uow, sealed_id, opener=opener, sealed_class=sealed_class)
    if retaliation_for is not None:
        await retaliation.hold(uow, sealed_id, retaliation_for)
