"""What was promised in an agreement: all of it for those who handle the case, and to an opposite
party (相对人) with its code its own part alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, Field

from services.routing.cases.domain.undertakings import Undertaking
from services.routing.cases.store import undertakings
from services.routing.casework.api.cases import visible
from services.routing.casework.api.views import names_in
from services.routing.common.api.callers import Anybody, Officer, Reader
from services.routing.party_codes.use_cases import give_code, open_with_code
from shared.db.unit_of_work import Cause
from shared.kernel.errors import NotFound
from shared.vocabulary.cases import AgreementKind, Party, UndertakingState
from shared.web.client_limit import slow_down
from shared.web.deps import Reading, ReferenceDep, ServiceDep, Today, Uow
from shared.web.paging import Page
from shared.web.problems import problems
from shared.web.refusals import WRONG_CODE
from shared.workflow.bodies import ActIn
from shared.workflow.routes import actor_of

router = APIRouter(tags=["cases"])
PartyCode = Annotated[
    str,
    Header(alias="X-Party-Code", min_length=1, max_length=60, description="承办机关给的查看码"),
]


class UndertakingOut(BaseModel):
    """One promise of an agreement; its words only for the organs involved."""

    undertaking_id: UUID
    ordinal: int
    agreement: int = Field(description="达成协议是办理经过的第几步")
    party: Party
    party_words: str = Field(description="单位名称，或者相对人加序号")
    duty: str | None
    due_on: date
    state: UndertakingState
    state_name: str
    fulfilled_on: date | None
    outcome: str | None


class PartyCodeOut(BaseModel):
    """The code, shown this once, and what it opens."""

    undertaking_id: UUID
    code: str


class OwnUndertaking(BaseModel):
    """All an opposite party is told: its own promise, in which agreement, before which organ."""

    organ_name: str | None
    kind: AgreementKind
    kind_name: str
    duty: str
    due_on: date
    fulfilled_on: date | None
    outcome: str | None


@router.get("/cases/{case_id}/undertakings", summary="协议各方的义务", responses=problems(404))
async def list_undertakings(
    case_id: UUID, caller: Reader, session: Reading, reference: ReferenceDep, today: Today
) -> Page[UndertakingOut]:
    """Who promised what by when in the agreements of a case, first to last, and what is overdue."""
    _, with_words = await visible(case_id, caller, session, reference)
    found = await undertakings.of_case(session, case_id)
    return Page(items=[_shown(each, today, with_words=with_words) for each in found], next=None)


@router.post(
    "/cases/{case_id}/undertakings/{ordinal}/code",
    status_code=201,
    summary="给相对人查看码",
    responses=problems(404, 409),
)
async def give_party_code(
    case_id: UUID,
    ordinal: Annotated[int, Path(ge=1, le=10_000)],
    body: ActIn,
    response: Response,
    caller: Officer,
    uow: Uow,
) -> PartyCodeOut:
    """A code with which an opposite party sees its own promise; a new one replaces the old."""
    response.headers["Cache-Control"] = "no-store"
    found, code = await give_code(uow, case_id, ordinal, actor_of(caller, body.version))
    return PartyCodeOut(undertaking_id=found.undertaking_id, code=code)


@router.get(
    "/undertakings/{undertaking_id}",
    summary="相对人凭查看码查看本方义务",
    responses=problems(404, 429),
)
async def show_own_undertaking(
    _: Anybody,
    undertaking_id: UUID,
    party_code: PartyCode,
    request: Request,
    response: Response,
    session: Reading,
    service: ServiceDep,
    reference: ReferenceDep,
) -> OwnUndertaking:
    """One promise for whoever made it; no account, a code instead, which comes in a header because
    addresses end up in logs and histories."""
    slow_down(request)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    try:
        row = await open_with_code(session, undertaking_id, party_code)
    except NotFound:
        cause = Cause(correlation_id=request.state.correlation_id)
        await service.refusals.note(service.units, WRONG_CODE, "undertaking/?", cause=cause)
        raise
    kind = AgreementKind(row.data["kind"])
    return OwnUndertaking(
        organ_name=names_in(reference).organ(row.organ_code),
        kind=kind,
        kind_name=kind.label,
        duty=row.duty,
        due_on=row.due_on,
        fulfilled_on=row.fulfilled_on,
        outcome=row.outcome,
    )


def _shown(each: Undertaking, today: date, *, with_words: bool) -> UndertakingOut:
    state = each.state(today)
    return UndertakingOut(
        undertaking_id=each.undertaking_id,
        ordinal=each.ordinal,
        agreement=each.agreement,
        party=each.party,
        party_words=each.who if with_words else each.party.label,
        duty=each.duty if with_words else None,
        due_on=each.due_on,
        state=state,
        state_name=state.label,
        fulfilled_on=each.fulfilled_on,
        outcome=each.outcome if with_words else None,
    )
