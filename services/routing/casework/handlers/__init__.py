"""What routing does when intake has delivered a paper."""

from __future__ import annotations

from services.routing.casework.handlers.delivered import Delivery, take_delivery
from services.routing.subscriptions import SUBSCRIPTIONS
from shared.contracts.papers import PaperDeliveredV1
from shared.db.unit_of_work import UnitOfWork
from shared.messaging.subscriptions import Received


@SUBSCRIPTIONS.on(PaperDeliveredV1)
async def record_delivery(event: Received[PaperDeliveredV1], uow: UnitOfWork) -> None:
    """The notice is told, and an opinion delivered, once nobody still waits for theirs."""
    data = event.data
    if data.outstanding:
        return
    await take_delivery(
        uow,
        data.case_id,
        Delivery(
            notice_id=data.notice_id,
            method=data.method,
            refused=data.refused,
            proof=data.proof,
            on=data.delivered_on,
            person=data.person,
        ),
    )
