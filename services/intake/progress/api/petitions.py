"""Asking for a petition's progress, and what staff see of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, and_, or_

from services.intake.desk.use_cases import Desk
from services.intake.masking.domain.shown import mask_name, mask_value
from services.intake.openers.api import not_hidden_from
from services.intake.petitions.api.by_code import Anybody, PetitionByCode
from services.intake.petitions.api.schemas import (
    MaskedPetitioner,
    PetitionDetail,
    PetitionLine,
    StepOut,
    organ_name,
)
from services.intake.petitions.domain.numbers import read_number
from services.intake.petitions.store.petitions import (
    PETITION,
    ordinary_petition,
    ordinary_petitions,
    steps_of,
    vault_values,
)
from services.intake.progress.api.schemas import ProgressOut
from services.intake.progress.use_cases import progress_of
from shared.kernel.errors import Invalid, NotFound
from shared.reference.editions import Reference
from shared.vocabulary.acts import PublicStep
from shared.vocabulary.petitions import Channel, Purpose
from shared.vocabulary.posts import Role
from shared.vocabulary.term import label_of
from shared.web.bodies import Day
from shared.web.deps import Reading, ReferenceDep, Resources, allow
from shared.web.paging import CursorText, Limit, Page, cut_page, decode_cursor, encode_cursor
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind, scope_of

router = APIRouter(tags=["petitions"])

Staff = Annotated[
    Caller,
    allow(Role.REGISTRAR, Role.HEAD, Role.SUPERVISOR, scope=ScopeKind.ORGAN),
]


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
    *,
    caller: Staff,
    session: Reading,
    reference: ReferenceDep,
    desk: Resources,
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
    """Petitions the caller's organ received (a supervisor: its whole division), newest first, but
    for accusations of the caller's organ or one it is under.

    `category` and `division` include what lies below; bounds of dates are inclusive.
    """
    conditions = [visible_to(caller, reference, desk)]
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
    row = await ordinary_petition(session, petition_id, visible_to(caller, reference, desk))
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
                title=label_of(PublicStep, step["kind"]),
                on=step["happened_on"],
                organ=organ_name(reference.organs, step["organ_code"]),
            )
            for step in steps
        ],
    )


def visible_to(caller: Caller, reference: Reference, desk: Desk) -> ColumnElement[bool]:
    """Rows the caller may see: those of the own organ, for supervisors the division's subtree; none
    that accuses the own organ or one it is under (Art. 30(3))."""
    supervising = [post for post in caller.posts if post.role is Role.SUPERVISOR]
    below = scope_of(supervising, reference.divisions)
    scope = or_(
        caller.scope.of_organs(PETITION.c.received_by),
        below.of_divisions(PETITION.c.received_division),
    )
    return and_(scope, not_hidden_from(caller, reference, desk))


def _within(reference: Reference, division: str) -> ColumnElement[bool]:
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
