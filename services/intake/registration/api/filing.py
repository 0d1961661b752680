"""Filing a petition. A request that was answered gets its answer again, come what may."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from services.intake.desk.use_cases import Desk
from services.intake.petitions.api.schemas import PetitionIn
from services.intake.petitions.domain.petition import Receipt
from services.intake.petitions.use_cases.answers import (
    IdempotencyMismatch,
    RequestKey,
    kept_answer,
    space_of,
)
from services.intake.petitions.use_cases.forms import ReceiptOut
from services.intake.registration.api.earlier_filings import earlier_digests
from services.intake.registration.use_cases.receiving import (
    HowItCame,
    citizen_receiver,
    registrar_receiver,
)
from services.intake.registration.use_cases.registration import register
from shared.kernel.errors import DomainError, TooOften, Unavailable
from shared.vocabulary.posts import Role
from shared.web.answers import answer
from shared.web.client_limit import slow_down
from shared.web.deps import Resources, Uow, caller_of, public, service_of
from shared.web.problems import problems
from shared.web.security import Caller
from shared.web.tokens import Unauthenticated

ROUTE = "POST /intake/v1/petitions"
KEY, SHORTEST, LONGEST = "Idempotency-Key", 8, 200
AS_EVER = (IdempotencyMismatch, TooOften, Unauthenticated, Unavailable)
"""Refusals that say nothing of the request itself."""

Filer = Annotated[Caller, public(Role.REGISTRAR)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=KEY, min_length=SHORTEST, max_length=LONGEST,
        description="每次登记随机生成（如 UUID），重试时键和内容都不变；凭它可再得回执，勿外传",
    ),
]  # fmt: skip


class AnsweredBefore(APIRoute):
    """Gives the kept receipt where the same request would be refused now: an upgrade that reads
    stricter, or a later day, refuses no retry."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler with a look at what is kept before it refuses."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await handle(request)
            except (RequestValidationError, DomainError) as refusal:
                if isinstance(refusal, AS_EVER) or (first := await _first(request)) is None:
                    raise
                return _answer(first)

        return handler


router = APIRouter(tags=["petitions"], route_class=AnsweredBefore)


@router.post(
    "/petitions",
    status_code=201,
    summary="登记信访件（群众无需账号）",
    response_model=ReceiptOut,
    responses=problems(409, 429),
)
async def file_petition(
    body: PetitionIn,
    request: Request,
    uow: Uow,
    desk: Resources,
    caller: Filer,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Register a petition; the receipt holds number and query code."""
    uncounted = body.head_count - max(1, len(body.petitioners))
    said = HowItCame(body.channel, body.origin, body.received_by, uncounted)
    if caller.is_anonymous:
        slow_down(request)
        receiver = citizen_receiver(uow.reference, said)
    else:
        receiver = registrar_receiver(uow.reference, said, caller)
    retry = None
    if idempotency_key:
        retry = _key(desk, caller, idempotency_key, await request.body())
    filing = body.filing(origin=body.origin)
    receipt = await register(uow, desk, filing, receiver, actor=caller.person, request=retry)
    return _answer(receipt)


def _key(desk: Desk, caller: Caller, key: str, body: bytes) -> RequestKey:
    return RequestKey.of(
        desk, space=space_of(caller), key=key, route=ROUTE, body=body,
        earlier=partial(earlier_digests, body),
    )  # fmt: skip


async def _first(request: Request) -> Receipt | None:
    """The receipt this very request got before."""
    key = request.headers.get(KEY, "")
    if not SHORTEST <= len(key) <= LONGEST:
        return None
    service: Any = service_of(request)
    caller = await caller_of(request, Role.REGISTRAR)
    retry = _key(service.resources, caller, key, await request.body())
    async with service.database.reading() as session:
        try:
            return await kept_answer(session, service.resources, retry)
        except IdempotencyMismatch:
            return None


def _answer(receipt: Receipt) -> Response:
    return answer(ReceiptOut.of(receipt), 201, {"Cache-Control": "no-store"})
