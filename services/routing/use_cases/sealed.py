"""Sealed items: all that routing may know is that something waits (decisions 4)."""

from __future__ import annotations

from uuid import UUID

from services.routing.store import queue
from shared.db.unit_of_work import UnitOfWork


async def hold(uow: UnitOfWork, sealed_id: UUID, *, sealed_class: str) -> None:
    """Queue a sealed item for the petition office of the deployment's root."""
    await queue.hold_sealed(
        uow,
        sealed_id,
        organ_code=uow.reference.root_petition_office,
        sealed_class=sealed_class,
    )
