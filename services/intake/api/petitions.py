"""Filing a petition, asking for its progress, and what staff see of it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from sqlalchemy import ColumnElement, and_, or_

from services.intake.api.by_code import Anybody, PetitionByCode
from services.intake.api.schemas import (
    MaskedPetitioner,
    PetitionDetail,
    PetitionIn,
    PetitionLine,
    ProgressOut,
    StepOut,
    organ_name,
)
from services.intake.domain.filing import Channel, Purpose
from services.intake.domain.numbers import read_number
from services.intake.domain.shown import mask_name, mask_value
from services.intake.domain.told import TOLD
from services.intake.store.petitions import (
    PETITION,
    ordinary_petition,
    ordinary_petitions,
    steps_of,
    vault_values,
)
from services.intake.use_cases.answers import RequestKey
from services.intake.use_cases.forms import ReceiptOut
from services.intake.use_cases.progress import progress_of
from services.intake.use_cases.receiving import HowItCame, citizen_receiver, registrar_receiver
from services.intake.use_cases.registration import register
from shared.contracts.words import Role
from shared.kernel.errors import Invalid, NotFound
from shared.web.answers import answer
from shared.web.bodies import Day
from shared.web.client_limit import slow_down
from shared.web.deps import Reading, ReferenceDep, Resources, Uow, allow, public
from shared.web.paging import CursorText, Limit, Page, cut_page, decode_cursor, encode_cursor
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind, scope_of

router = APIRouter(tags=["petitions"])

Filer = Annotated[Caller, public(Role.REGISTRAR)]
Staff = Annotated[
    Caller,
    allow(Role.REGISTRAR, Role.HEAD, Role.SUPERVISOR, scope=ScopeKind.ORGAN),
]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=8, max_length=200, description="重试时保持不变"),
]


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
        content = body.model_dump_json().encode()
        retry = RequestKey.of(desk, caller=caller.person, key=idempotency_key, body=content)
    filing = body.filing(origin=body.origin)
    receipt = await register(uow, desk, filing, receiver, actor=caller.person, request=retry)
    return answer(ReceiptOut.of(receipt), 201, {"Cache-Control": "no-store"})


@router.get(
    "/petitions/{number}/progress", summary="凭编号和查询码查询进度", responses=problems(404, 429)
)
async def ask_progress(
    _: Anybody, petition: PetitionByCode, session: Reading, reference: ReferenceDep
) -> ProgressOut:
    """How far a petition is; no account, number and code instead.

    The code comes in a header: addresses end up in logs and histories."""
    return ProgressOut.of(await progress_of(session, petition), reference.organs)


@router.get("/petitions", summary="信访件列表", responses=problems(400))
async def list_petitions(
    caller: Staff,
    session: Reading,
    reference: ReferenceDep,
    number: Annotated[str | None, Query(max_length=60)] = None,
    channel: Channel | None = None,
    purpose: Purpose | None = None,
    category: Annotated[str | None, Query(pattern=r"^[0-9]{6}$")] = None,
    division: Annotated[str | None, Query(pattern=r"^[0-9]{2,12}$")] = None,
    received_from: Day | None = None,
    received_to: Day | None = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[PetitionLine]:
    """Petitions the caller's organ received (a supervisor: its whole division), newest first.

    `category` and `division` include what lies below; bounds of dates are inclusive.
    """
    conditions = [visible_to(caller, reference)]
    if number:
        conditions.append(PETITION.c.number == read_number(number))
    if channel:
        conditions.append(PETITION.c.channel == channel.value)
    if purpose:
        conditions.append(PETITION.c.purpose == purpose.value)
    if category:
        stem = category.rstrip("0") if category != "000000" else category
        stem += "0" * (len(stem) % 2)
        conditions.append(PETITION.c.category_code.startswith(stem))
    if division:
        conditions.append(_within(reference, division))
    if received_from:
        conditions.append(PETITION.c.received_on >= received_from)
    if received_to:
        conditions.append(PETITION.c.received_on <= received_to)
    if cursor:
        conditions.append(PETITION.c.id < cursor_id(cursor))
    rows = await ordinary_petitions(session, conditions, limit=limit + 1)
    page, more = cut_page(rows, limit)
    return Page(
        items=[PetitionLine.of(row) for row in page],
        next=encode_cursor(page[-1]["id"]) if more else None,
    )


@router.get("/petitions/{petition_id}", summary="信访件详情", responses=problems(404))
async def show_petition(
    petition_id: UUID,
    caller: Staff,
    session: Reading,
    reference: ReferenceDep,
    desk: Resources,
) -> PetitionDetail:
    """One petition with masked words and people, and its way so far."""
    row = await ordinary_petition(session, petition_id, visible_to(caller, reference))
    if row is None:
        raise NotFound("没有找到该信访件")
    stored = await vault_values(session, petition_id)
    people = stored.get("petitioners")
    opened = desk.unlock(petition_id, "petitioners", people) if people else []
    steps = await steps_of(session, petition_id)
    plain = {name: row[name] for name in PetitionDetail.model_fields if name in row}
    return PetitionDetail(
        **plain,
        line=PetitionLine.of(row),
        petitioners=[_masked(person) for person in opened],
        steps=[
            StepOut(
                kind=step["kind"],
                title=TOLD.get(step["kind"], step["kind"]),
                on=step["happened_on"],
                organ=organ_name(reference.organs, step["organ_code"]),
            )
            for step in steps
        ],
    )


def visible_to(caller: Caller, reference: Any) -> ColumnElement[bool]:
    """Rows the caller may see: those of the own organ, for supervisors the division's subtree."""
    supervising = [post for post in caller.posts if post.role is Role.SUPERVISOR]
    below = scope_of(supervising, reference.divisions)
    return or_(
        caller.scope.of_organs(PETITION.c.received_by),
        below.of_divisions(PETITION.c.received_division),
    )


def _within(reference: Any, division: str) -> ColumnElement[bool]:
    try:
        low, high = reference.divisions.subtree_range(division)
    except ValueError as error:
        raise Invalid("行政区划代码不正确") from error
    return and_(PETITION.c.division_code >= low, PETITION.c.division_code <= high)


def cursor_id(cursor: str) -> UUID:
    (key,) = decode_cursor(cursor, 1)
    try:
        return UUID(key)
    except ValueError as error:
        raise Invalid("分页游标无效") from error


def _masked(person: dict[str, str]) -> MaskedPetitioner:
    shown = {
        field: mask_name(value) if field == "name" else (mask_value(value) if value else "")
        for field, value in person.items()
    }
    return MaskedPetitioner(**shown)
