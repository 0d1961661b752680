"""Case grants over HTTP: what a person takes to intake to see who a petitioner is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from services.routing.grants.use_cases.granting import grant_case, grant_sealed
from services.routing.posts.use_cases import HANDLERS, OPENERS
from shared.contracts.grant import CasePurpose, Grant, SealedPurpose
from shared.kernel.errors import DomainError
from shared.vocabulary.posts import GrantPurpose
from shared.web.bodies import StaffText
from shared.web.deps import Resources, Uow, allow
from shared.web.problems import problem_of, problems
from shared.web.security import Caller, ScopeKind
from shared.workflow.bodies import Request
from shared.workflow.routes import actor_of

router = APIRouter(tags=["grants"])

Handler = Annotated[Caller, allow(*HANDLERS, scope=ScopeKind.ORGAN)]
Opener = Annotated[Caller, allow(*OPENERS, scope=ScopeKind.ORGAN)]
Reason = Annotated[
    str,
    StaffText(200, least=2, lines=False),
    Field(description="事由；信访人可查询，请勿写入他人身份信息"),
]


class CaseGrantIn(Request):
    """What the identity is needed for, and why."""

    purpose: CasePurpose
    reason: Reason
    number: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description="本案其他信访件的编号；默认为立案的信访件"
    )


class SealedGrantIn(Request):
    """What is to be done with a sealed item, and why."""

    purpose: SealedPurpose
    reason: Reason


class GrantOut(BaseModel):
    """A grant: for one use at intake, by the same person, until `expires_at`."""

    grant: str
    purpose: GrantPurpose
    expires_at: datetime

    @classmethod
    def of(cls, issued: tuple[str, Grant]) -> GrantOut:
        """From what was issued."""
        text, grant = issued
        return cls(grant=text, purpose=grant.purpose, expires_at=grant.exp)


@router.post(
    "/cases/{case_id}/grants",
    status_code=201,
    summary="申领授权凭据（查看身份前）",
    response_model=GrantOut,
    responses=problems(404, 409),
)
async def issue_case_grant(
    case_id: UUID, body: CaseGrantIn, response: Response, caller: Handler, uow: Uow, ring: Resources
) -> GrantOut | JSONResponse:
    """A grant of sixty seconds for the organ that has the case now."""
    response.headers["Cache-Control"] = "no-store"
    issued = await grant_case(
        uow, ring, case_id, actor_of(caller, None),
        purpose=body.purpose, reason=body.reason, number=body.number,
    )  # fmt: skip
    return _told(issued)


@router.post(
    "/sealed/{sealed_id}/grants",
    status_code=201,
    summary="申领授权凭据（阅看、解除密封前）",
    response_model=GrantOut,
    responses=problems(404),
)
async def issue_sealed_grant(
    sealed_id: UUID,
    body: SealedGrantIn,
    response: Response,
    caller: Opener,
    uow: Uow,
    ring: Resources,
) -> GrantOut | JSONResponse:
    """A grant of sixty seconds for the petition office before which the sealed item is."""
    response.headers["Cache-Control"] = "no-store"
    issued = await grant_sealed(
        uow, ring, sealed_id, actor_of(caller, None),
        purpose=body.purpose, reason=body.reason,
    )  # fmt: skip
    return _told(issued)


def _told(issued: tuple[str, Grant] | DomainError) -> GrantOut | JSONResponse:
    return problem_of(issued) if isinstance(issued, DomainError) else GrantOut.of(issued)
