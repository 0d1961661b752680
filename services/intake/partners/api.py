"""County systems: admitting them, their secrets, switching them off."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from services.intake.partners.store.partners import all_partners
from services.intake.partners.use_cases import (
    admit_partner,
    end_old_secrets,
    rotate_secret,
    switch_partner,
)
from services.intake.petitions.use_cases.forms import DivisionCode, Strict
from shared.vocabulary.posts import Role
from shared.web.bodies import Flag, StaffText
from shared.web.deps import Reading, Resources, Uow, allow
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind

router = APIRouter(tags=["partners"])

Operator = Annotated[Caller, allow(Role.OPERATOR, scope=ScopeKind.DEPLOYMENT)]
PartnerName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
Title = Annotated[str, StaffText(100, lines=False)]


class PartnerIn(Strict):
    """A county system to admit."""

    name: PartnerName = Field(description="用于推送地址")
    title: Title
    division_code: DivisionCode = Field(description="只能推送该区划内的事项")


class PartnerSecretOut(BaseModel):
    """A new signing secret (Standard Webhooks), shown only here."""

    name: str
    secret: str


class RotationIn(Strict):
    """How a secret is replaced."""

    immediately: Flag = Field(default=False, description="旧密钥可能泄露时为 true，当即失效")


class PartnerOut(BaseModel):
    """An admitted system."""

    name: str
    title: str
    division_code: str
    active: bool


class PartnerSwitch(Strict):
    """Let it in or keep it out."""

    active: Flag


@router.get("/partners", summary="接入系统列表")
async def list_partners(_: Operator, session: Reading) -> list[PartnerOut]:
    """Every admitted system, without secrets."""
    return [PartnerOut(**dict(row)) for row in await all_partners(session)]


@router.post("/partners", status_code=201, summary="接入一个系统", responses=problems(409))
async def create_partner(
    body: PartnerIn, response: Response, caller: Operator, uow: Uow, desk: Resources
) -> PartnerSecretOut:
    """Admit a county system and give it its first secret."""
    response.headers["Cache-Control"] = "no-store"
    secret = await admit_partner(
        uow,
        desk,
        name=body.name,
        title=body.title,
        division_code=body.division_code,
        actor=caller.person,
    )
    return PartnerSecretOut(name=body.name, secret=secret)


@router.post(
    "/partners/{name}/secrets", status_code=201, summary="更换签名密钥", responses=problems(404)
)
async def replace_secret(
    name: PartnerName,
    response: Response,
    caller: Operator,
    uow: Uow,
    desk: Resources,
    body: RotationIn | None = None,
) -> PartnerSecretOut:
    """A new secret; the old one opens for 24 hours more, or with `immediately` no more."""
    response.headers["Cache-Control"] = "no-store"
    at_once = body is not None and body.immediately
    secret = await rotate_secret(uow, desk, name, actor=caller.person, immediately=at_once)
    return PartnerSecretOut(name=name, secret=secret)


@router.delete(
    "/partners/{name}/old-secrets",
    status_code=204,
    summary="旧签名密钥当即失效",
    responses=problems(404),
)
async def drop_old_secrets(name: PartnerName, caller: Operator, uow: Uow) -> None:
    """Secrets replaced less than 24 hours ago end now; the newest one goes on."""
    await end_old_secrets(uow, name, actor=caller.person)


@router.put(
    "/partners/{name}/active", status_code=204, summary="启用或者停用", responses=problems(404)
)
async def switch(name: PartnerName, body: PartnerSwitch, caller: Operator, uow: Uow) -> None:
    """Switch a system on or off."""
    await switch_partner(uow, name, active=body.active, actor=caller.person)
