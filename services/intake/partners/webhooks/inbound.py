"""County push: a signed webhook is one petition (Standard Webhooks)."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints, ValidationError

from services.intake.partners.store.partners import partner as partner_named
from services.intake.partners.use_cases import signing_secrets
from services.intake.partners.webhooks.verification import WebhookRefused, verify
from services.intake.petitions.use_cases.answers import RequestKey, space_of_partner
from services.intake.petitions.use_cases.forms import PushedPetition, ReceiptOut, Strict
from services.intake.registration.use_cases.receiving import root_receiver
from services.intake.registration.use_cases.registration import register
from shared.db.unit_of_work import Cause
from shared.kernel.errors import Invalid
from shared.vocabulary.petitions import Origin
from shared.web.bodies import Day
from shared.web.deps import Resources, ServiceDep, public
from shared.web.problems import problems
from shared.web.security import Caller

router = APIRouter(tags=["webhooks"])

Sender = Annotated[Caller, public()]
REFUSED = "webhook.refused"
ROUTE = "POST /intake/v1/webhooks"
PartnerPath = Annotated[str, StringConstraints(max_length=60)]


class PushedData(PushedPetition):
    """The petition in a push. The received date is required: it arrived at the county."""

    received_on: Day = Field(description="县级系统收到日期")
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        default=None, description="推送方的编号；同一编号只登记一次"
    )


class Push(Strict):
    """Body of a push."""

    type: Literal["petition.filed"]
    data: PushedData


def _body() -> dict[str, Any]:
    """Schema of a push for the OpenAPI document, which has what the petition refers to."""
    schema = Push.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["properties"]["data"] = schema.pop("$defs")["PushedData"]
    return schema


@router.post(
    "/webhooks/{partner}",
    status_code=201,
    summary="县级系统推送（Standard Webhooks 签名）",
    responses=problems(401, 409, 413),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _body()}},
        }
    },
)
async def receive_push(
    partner: PartnerPath,
    request: Request,
    response: Response,
    service: ServiceDep,
    desk: Resources,
    _: Sender,
) -> ReceiptOut:
    """Register what a partner pushes; the same webhook id again gets the same answer.

    The key fixes the partner and its division. A push that is not genuine and fresh is answered
    401 without detail; the audit has the first of an hour and how many more there were.
    """
    response.headers["Cache-Control"] = "no-store"
    body = await request.body()
    cause = Cause(correlation_id=request.state.correlation_id)
    async with service.database.reading() as session:
        known = await partner_named(session, partner)
        secrets = await signing_secrets(session, desk, partner, now=service.clock.now())
    try:
        delivery = verify(request.headers.raw, body, secrets=secrets, now=service.clock.now())
    except WebhookRefused:
        subject = f"partner/{partner}" if known else "partner/?"
        await service.refusals.note(service.units, REFUSED, subject, cause=cause)
        raise
    data = _read(request, body)
    key = RequestKey.of(
        desk, space=space_of_partner(partner), key=delivery.webhook_id, route=ROUTE, body=body,
        earlier=lambda: (sha256(body).hexdigest(),),
    )  # fmt: skip
    async with service.units.begin(cause) as uow:
        receiver = root_receiver(
            uow.reference,
            entered=True,
            within=known["division_code"] if known else None,
            partner=partner,
        )
        filing = data.filing(origin=Origin.PARTNER, external_id=data.external_id)
        receipt = await register(
            uow, desk, filing, receiver, actor=f"partner:{partner}", request=key
        )
    return ReceiptOut.of(receipt)


def _read(request: Request, body: bytes) -> PushedData:
    if "json" not in request.headers.get("content-type", "json"):
        raise Invalid("推送内容应当是 JSON")
    try:
        return Push.model_validate_json(body).data
    except ValidationError as error:
        fields = [".".join(str(part) for part in each["loc"]) for each in error.errors()[:20]]
        raise Invalid("推送内容不符合要求", fields=fields) from None
