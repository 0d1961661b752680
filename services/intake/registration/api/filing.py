"""Filing a petition. A request that was answered gets its answer again, come what may."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import Request, Response
from pydantic import TypeAdapter

from services.intake.petitions.api.schemas import PetitionIn
from services.intake.petitions.domain.petition import Receipt
from services.intake.petitions.use_cases.forms import ReceiptOut
from services.intake.registration.api.earlier_filings import earlier_digests
from services.intake.registration.use_cases.receiving import (
    Arrival,
    citizen_receiver,
    registrar_receiver,
)
from services.intake.registration.use_cases.registration import register
from shared.vocabulary.posts import Role
from shared.web.answers import answer
from shared.web.body_limits import LARGE_BYTES, body_limit
from shared.web.client_limit import slow_down
from shared.web.deps import Resources, Uow, public
from shared.web.once import Once, Router
from shared.web.problems import problems
from shared.web.security import Caller

Filer = Annotated[Caller, public(Role.REGISTRAR)]


class FilingOnce(Once):
    """Knows what releases before kept of a filing: an upgrade refuses no retry."""

    def earlier_digests(self, body: bytes) -> Collection[str]:
        """Of what their models read out of the body."""
        return earlier_digests(body)

    def earlier_answer(self, text: str) -> Response:
        """They kept the receipt, not the answer."""
        return receipt_answer(text)


router = Router(tags=["petitions"], route_class=FilingOnce)


@router.post(
    "/petitions",
    status_code=201,
    summary="登记信访件（群众无需账号）",
    response_model=ReceiptOut,
    responses=problems(409, 429),
)
@body_limit(LARGE_BYTES)
async def file_petition(
    body: PetitionIn, request: Request, uow: Uow, context: Resources, caller: Filer
) -> Response:
    """Registers a petition and returns the receipt with its number and query code. The query code
    is shown only here; the filer needs both to follow the petition."""
    uncounted = body.head_count - max(1, len(body.petitioners))
    arrival = Arrival(body.channel, body.origin, body.received_by, uncounted)
    if caller.is_anonymous:
        slow_down(request)
        receiver = citizen_receiver(uow.reference, arrival)
    else:
        receiver = registrar_receiver(uow.reference, arrival, caller)
    filing = body.filing(origin=body.origin)
    receipt = await register(uow, context, filing, receiver, actor=caller.person)
    return answer(ReceiptOut.of(receipt), 201, {"Cache-Control": "no-store"})


def receipt_answer(text: str) -> Response:
    """The answer with a receipt that a release before kept."""
    receipt = TypeAdapter(Receipt).validate_json(text)
    return answer(ReceiptOut.of(receipt), 201, {"Cache-Control": "no-store"})
