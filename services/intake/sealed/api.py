"""Sealed petitions: the organ before which one lies alone reads and may un-seal it (decisions 4).

That is the root's petition office, and its discipline body for what accuses that office.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from services.intake.openers.domain import openers
from services.intake.petitions.api.schemas import organ_name
from services.intake.petitions.store.petitions import sealed_petitions
from services.intake.petitions.use_cases.forms import Strict
from services.intake.progress.api.petitions import cursor_id
from services.intake.reveals.api.reveals import ShownGrant, refused
from services.intake.reveals.use_cases.grants import Refusal
from services.intake.sealed.use_cases import NO_ITEM, read_sealed, seen_by, unseal
from shared.kernel.errors import NotFound
from shared.reference.editions import Reference
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role
from shared.web.bodies import StaffText
from shared.web.deps import Reading, ReferenceDep, Resources, Uow, allow
from shared.web.paging import CursorText, Limit, Page, cut_page, encode_cursor
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind

router = APIRouter(tags=["sealed"])

Opener = Annotated[Caller, allow(Role.SUPERVISOR, scope=ScopeKind.ORGAN)]


class SealedLine(BaseModel):
    """A sealed petition in the list: nothing of its content."""

    sealed_id: UUID
    number: str
    received_on: date
    registered_at: datetime


class AccusedOrgan(BaseModel):
    """An organ from which, with those under it, the item is kept."""

    organ_code: str
    organ: str | None


class SealedDetail(SealedLine):
    """A sealed petition with masked words and why it was held."""

    sealed_class: str
    reasons: list[str]
    retaliation_for: str | None = Field(description="反映因此前哪一件信访遭受打击报复")
    subject: str
    text: str
    place: str | None
    accused: list[AccusedOrgan] = Field(
        description="登记、文字和此前的信访件所指的被反映单位，本件对其及其下属保密"
    )


class UnsealIn(Strict):
    """The decision of a person of the organ before which it lies."""

    purpose: Purpose = Field(
        description="suggestion 或 claim；检举控告不能解除密封；反映打击报复的，确定为 accusation"
    )
    reason: Annotated[str, StaffText(500, least=2)]
    complained_organ: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description="被反映的机关单位，核定或者更正"
    )


class UnsealOut(BaseModel):
    """The petition that is ordinary from now on."""

    number: str


@router.get("/sealed", summary="密封件列表", responses=problems(400, 404))
async def list_sealed(
    caller: Opener,
    session: Reading,
    reference: ReferenceDep,
    desk: Resources,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[SealedLine]:
    """What waits for a person's decision, newest first."""
    _opens_any(caller, reference)
    before = cursor_id(cursor) if cursor else None
    seen = seen_by(caller, reference, desk)
    rows = await sealed_petitions(session, seen, before=before, limit=limit + 1)
    page, more = cut_page(rows, limit)
    return Page(
        items=[SealedLine(**{name: row[name] for name in SealedLine.model_fields}) for row in page],
        next=encode_cursor(page[-1]["id"]) if more else None,
    )


@router.get(
    "/sealed/{sealed_id}",
    summary="阅看密封件（须授权凭据，留痕）",
    response_model=SealedDetail,
    responses=problems(404),
)
async def show_sealed(
    sealed_id: UUID,
    response: Response,
    caller: Opener,
    uow: Uow,
    desk: Resources,
    grant: ShownGrant = "",
) -> SealedDetail | JSONResponse:
    """One sealed petition, masked, under a grant; the reading is noted."""
    response.headers["Cache-Control"] = "no-store"
    view = await read_sealed(uow, desk, sealed_id, caller=caller, grant=grant)
    if isinstance(view, Refusal):
        return refused(view, desk)
    return SealedDetail(
        sealed_id=view.sealed_id,
        number=view.number,
        received_on=view.received_on,
        registered_at=view.registered_at,
        sealed_class=view.sealed_class,
        reasons=view.reasons,
        retaliation_for=view.retaliation_for,
        subject=view.words.subject,
        text=view.words.text,
        place=view.words.place,
        accused=[
            AccusedOrgan(organ_code=code, organ=organ_name(uow.reference.organs, code))
            for code in sorted(view.accused)
        ],
    )


@router.post(
    "/sealed/{sealed_id}/release",
    summary="解除密封（须授权凭据）",
    response_model=UnsealOut,
    responses=problems(404),
)
async def release_sealed(
    sealed_id: UUID,
    body: UnsealIn,
    caller: Opener,
    uow: Uow,
    desk: Resources,
    grant: ShownGrant = "",
) -> UnsealOut | JSONResponse:
    """Let a petition go its ordinary way after a person has read it."""
    number = await unseal(
        uow, desk, sealed_id,
        purpose=body.purpose, reason=body.reason, complained_organ=body.complained_organ,
        caller=caller, grant=grant,
    )  # fmt: skip
    return refused(number, desk) if isinstance(number, Refusal) else UnsealOut(number=number)


def _opens_any(caller: Caller, reference: Reference) -> None:
    if openers(reference).isdisjoint(caller.scope.organs):
        raise NotFound(NO_ITEM)
