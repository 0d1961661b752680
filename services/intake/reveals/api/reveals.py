"""Who wrote a petition, shown under a case grant; and whom it was shown to, for the petitioner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.intake.desk.use_cases import Desk
from services.intake.petitions.api.by_code import Anybody, Number, PetitionByCode
from services.intake.petitions.api.schemas import organ_name
from services.intake.petitions.use_cases.forms import Strict
from services.intake.reveals.store.reveals import reveals_of
from services.intake.reveals.use_cases.grants import Refusal
from services.intake.reveals.use_cases.revealing import TOO_WEAK, reveal
from shared.contracts.grant import CasePurpose
from shared.vocabulary.posts import GrantPurpose, Role
from shared.web.deps import LoginStrength, Reading, ReferenceDep, Resources, Uow, allow
from shared.web.problems import problem, problems
from shared.web.security import Caller, ScopeKind

router = APIRouter(tags=["reveals"])

Handler = Annotated[Caller, allow(Role.OFFICER, Role.HEAD, Role.SUPERVISOR, scope=ScopeKind.ORGAN)]
ShownGrant = Annotated[
    str,
    Header(alias="X-Grant", max_length=4000, description="向分流办理服务申领的授权凭据"),
]
REFUSALS: Final[Mapping[int | str, Any]] = problems(401, 403, 429)


class RevealIn(Strict):
    """The purpose the grant was issued for."""

    purpose: CasePurpose


class RevealedPetitioner(BaseModel):
    """What the purpose shows of one petitioner; what it does not is absent."""

    name: str | None = None
    id_number: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


class RevealOut(BaseModel):
    """Who wrote a petition, as far as the purpose needs it."""

    number: str
    purpose: CasePurpose
    petitioners: list[RevealedPetitioner]


class RevealLine(BaseModel):
    """One time the petition's vault was opened. The office is named, not the person."""

    at: datetime
    organ: str | None
    role: str
    purpose: str
    reason: str


class RevealsOut(BaseModel):
    """Who looked, oldest first (个人信息保护法 Art. 45)."""

    number: str
    items: list[RevealLine]


@router.post(
    "/petitions/{number}/reveal",
    summary="查看身份（须授权凭据和再次认证，留痕）",
    response_model=RevealOut,
    response_model_exclude_none=True,
    responses=dict(REFUSALS),
)
async def reveal_identity(
    number: Number,
    body: RevealIn,
    response: Response,
    caller: Handler,
    strength: LoginStrength,
    uow: Uow,
    desk: Resources,
    grant: ShownGrant = "",
) -> RevealOut | JSONResponse:
    """Show once what the purpose needs; logged for the petitioner with the grant's reason."""
    response.headers["Cache-Control"] = "no-store"
    found = await reveal(
        uow, desk, number=number, grant=grant, purpose=body.purpose, caller=caller,
        strength=strength,
    )  # fmt: skip
    if isinstance(found, Refusal):
        return refused(found, desk)
    people = [RevealedPetitioner(**person) for person in found.people]
    return RevealOut(number=found.number, purpose=body.purpose, petitioners=people)


@router.get(
    "/petitions/{number}/reveals",
    summary="凭编号和查询码查询谁看过身份",
    responses=problems(404, 429),
)
async def list_reveals(
    _: Anybody, petition: PetitionByCode, session: Reading, reference: ReferenceDep
) -> RevealsOut:
    """When, for which office and role, what for and why the petition's vault was opened."""
    rows = await reveals_of(session, petition["id"])
    return RevealsOut(
        number=petition["number"],
        items=[
            RevealLine(
                at=row.at,
                organ=organ_name(reference.organs, row.organ_code),
                role=Role(row.role).label,
                purpose=GrantPurpose(row.purpose).public,
                reason=row.reason,
            )
            for row in rows
        ],
    )


def refused(refusal: Refusal, desk: Desk) -> JSONResponse:
    """The answer to a refusal; RFC 9470 tells a client what login would do."""
    if refusal.code != TOO_WEAK:
        wait = refusal.retry_after
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return problem(refusal.code, headers=headers)
    asked = {"max_age": str(int(desk.protection.step_up_max_age.total_seconds()))}
    if desk.strong_levels:
        asked["acr_values"] = " ".join(sorted(desk.strong_levels))
    told = "".join(f', {name}="{value}"' for name, value in asked.items())
    challenge = f'Bearer error="{TOO_WEAK}"{told}'
    return problem(TOO_WEAK, headers={"WWW-Authenticate": challenge}, **asked)
