"""Keys with which routing's case grants are checked."""

from __future__ import annotations

from services.intake.reveals.store.reveals import keep_key
from services.intake.subscriptions import SUBSCRIPTIONS
from shared.contracts.routing import GrantKeyPublishedV1
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import Received


@SUBSCRIPTIONS.on(GrantKeyPublishedV1)
async def take_grant_key(event: Received[GrantKeyPublishedV1], uow: UnitOfWork) -> None:
    """Keep a key, or learn when it ends."""
    epoch, sequence = event.envelope.rank
    await keep_key(uow.session, event.data.model_dump() | {"epoch": epoch, "sequence": sequence})
