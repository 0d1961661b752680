"""Posts: who may act for which organ in which role, from when to when (decisions 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.routing.outgoing import record_post
from shared.contracts.routing import PostFacts
from shared.contracts.words import Role
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.messaging.common import save_post

NOT_GIVEN = frozenset((Role.CITIZEN, Role.PARTNER, Role.SERVICE))
"""Roles nobody gets through a post: citizens need none, partners and services have keys."""


async def give_post(
    uow: UnitOfWork,
    person: str,
    organ_code: str,
    *,
    role: Role,
    valid_from: datetime,
    valid_to: datetime | None,
    actor: str,
) -> PostFacts:
    """Give a person a post at an organ, or at who took its work over, and publish it. Raises
    Invalid for an unknown organ, a role that is not given, or an end before the beginning."""
    organ = uow.reference.organs.current(organ_code, uow.clock.today())
    if organ is None:
        raise Invalid("没有这个机关单位", field="organ_code")
    if role in NOT_GIVEN:
        raise Invalid("该角色不通过岗位授予", field="role")
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid("结束时间须晚于开始时间", field="valid_to")
    post = PostFacts(
        post_id=new_id(),
        person=person,
        organ_code=organ.code,
        division_code=organ.division_code,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    await _keep(uow, post, version=1, actor=actor, action="post.given")
    return post


async def end_post(uow: UnitOfWork, post_id: UUID, *, at: datetime, actor: str) -> PostFacts:
    """End a post at an instant, which may be earlier than planned. Raises NotFound."""
    table = uow.tables.post
    row = (
        await uow.session.execute(select(table).where(table.c.post_id == post_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个岗位")
    post = post_of(row).model_copy(update={"valid_to": max(at, row.valid_from)})
    await _keep(uow, post, version=row.version + 1, actor=actor, action="post.ended")
    return post


def post_of(row: Any) -> PostFacts:
    """A post of its row."""
    return PostFacts(
        post_id=row.post_id,
        person=row.person,
        organ_code=row.organ_code,
        division_code=row.division_code,
        role=Role(row.role),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


async def _keep(uow: UnitOfWork, post: PostFacts, *, version: int, actor: str, action: str) -> None:
    await save_post(uow, post, version=version)
    record_post(uow, post, version=version)
    uow.audit(
        action, f"post/{post.post_id}", actor=actor, role=str(post.role), organ=post.organ_code
    )
