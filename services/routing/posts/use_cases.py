"""Posts: who may act for which organ in which role, from when to when (decisions 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from services.routing.cases.outgoing import record_post
from services.routing.posts.domain import (
    LastOperator,
    OtherPersonNeeded,
    OwnPost,
    first_gap,
    same_person,
)
from services.routing.posts.store import posts as store
from shared.contracts.routing import PostFacts
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.ids import new_id
from shared.messaging.common import save_post
from shared.vocabulary.posts import PostStanding, Role
from shared.web.tokens import OPERATOR_PERSON, SERVICE_PERSON

HANDLERS = (Role.OFFICER, Role.HEAD, Role.SUPERVISOR)
"""Who may ask for the identity behind a case of their organ."""
OPENERS = (Role.SUPERVISOR,)
"""Who may open a sealed item before their petition office."""
NOT_GIVEN = frozenset((Role.CITIZEN, Role.PARTNER, Role.SERVICE))
"""Roles nobody gets through a post: citizens need none, partners and services have keys."""
NEEDS_SECOND = frozenset((*HANDLERS, *OPENERS, Role.OPERATOR, Role.AUDITOR))
"""Roles that open the vault or what is sealed, and those that give or confirm posts: one person
alone proposes them, a second one confirms."""
FIRST_VERSION = 1
MACHINE = "xinfang"
"""In the audit: whoever commands the machine, without a login."""


async def give_post(
    uow: UnitOfWork,
    person: str,
    organ_code: str,
    *,
    role: Role,
    valid_from: datetime,
    valid_to: datetime | None,
    actor: str,
) -> UUID:
    """Give a person a post at an organ, or at who took it over, and publish it; of a role in
    NEEDS_SECOND only propose it, but for the deployment's own operator, whose posts count as given
    alone until a second person has looked. Raises OwnPost; Invalid for an unknown organ, a role or
    person that gets none, or an end before the beginning."""
    if same_person(person, actor):
        raise OwnPost("不得给自己授予岗位，请由另一名运维管理员办理")
    organ = uow.reference.organs.current(organ_code, uow.clock.today())
    if organ is None:
        raise Invalid("没有这个机关单位", field="organ_code")
    if role in NOT_GIVEN:
        raise Invalid("该角色不通过岗位授予", field="role")
    if same_person(person, SERVICE_PERSON):
        raise Invalid("服务之间的凭证不任职", field="person")
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
    standing = PostStanding.ORDINARY
    if role in NEEDS_SECOND:
        standing = PostStanding.ALONE if actor == OPERATOR_PERSON else PostStanding.PROPOSED
        _note_giving(uow, post, standing, actor=actor)
    if standing is PostStanding.PROPOSED:
        _audit(uow, post, "post.proposed", actor)
    else:
        action = "post.given_alone" if standing is PostStanding.ALONE else "post.given"
        await _keep(uow, post, version=FIRST_VERSION, actor=actor, action=action)
    return post.post_id


async def confirm_post(uow: UnitOfWork, giving: Any, *, actor: str) -> None:
    """Put a proposed post in force, or vouch afterwards for one that was given alone, as somebody
    who neither gave nor gets it. `giving` is its locked row. Raises OtherPersonNeeded; Conflict for
    what was settled before or would be over."""
    if giving.standing not in {PostStanding.PROPOSED, PostStanding.ALONE}:
        raise Conflict("该岗位已经确认或者撤回")
    if same_person(actor, giving.given_by) or same_person(actor, giving.person):
        raise OtherPersonNeeded("须由授予人和任职人以外的人确认")
    now, post = uow.clock.now(), post_of(giving)
    await _settle(uow, post, PostStanding.CONFIRMED, actor=actor)
    if giving.standing == PostStanding.ALONE:
        _audit(uow, post, "post.confirmed", actor)
        return
    post = post.model_copy(update={"valid_from": max(post.valid_from, now)})
    if post.valid_to is not None and post.valid_to <= post.valid_from:
        raise Conflict("拟授予的任期已过，请重新提出")
    await _keep(uow, post, version=FIRST_VERSION, actor=actor, action="post.confirmed")


async def end_post(uow: UnitOfWork, post_id: UUID, *, at: datetime, actor: str) -> None:
    """End a post at an instant from now on, never later than planned, or withdraw a proposed one.

    Raises NotFound; Conflict for a post that has ended; Invalid for one that would last longer,
    which is giving it anew; LastOperator where nobody would be left to give posts."""
    now = uow.clock.now()
    operators = await store.locked_operators(uow.session, uow.tables.post)
    row = await store.locked_post(uow.session, uow.tables.post, post_id)
    if row is None:
        await _withdraw(uow, post_id, actor=actor)
        return
    if row.valid_to is not None and row.valid_to <= now:
        raise Conflict("该岗位已经终止")
    at = max(at, now, row.valid_from)
    if row.valid_to is not None and at > row.valid_to:
        raise Invalid("只能提前终止；要延长任期请另行授予", field="at")
    before = first_gap([(each.valid_from, each.valid_to) for each in operators], now)
    after = first_gap(
        [(e.valid_from, at if e.post_id == post_id else e.valid_to) for e in operators], now
    )
    if after is not None and (before is None or after < before):
        raise LastOperator("届时将没有在任的运维管理员；请先让另一人的运维岗位生效且不设更早的终止")
    post = post_of(row).model_copy(update={"valid_to": at})
    await _keep(uow, post, version=row.version + 1, actor=actor, action="post.ended")


async def restore_operator(uow: UnitOfWork, person: str) -> PostFacts | None:
    """Give a person an operator's post at the root's petition office from now on; for whoever
    commands the machine, when nobody is left who could. None where the person has one."""
    now, office = uow.clock.now(), uow.reference.root_petition_office
    operators = await store.locked_operators(uow.session, uow.tables.post)
    spans = [(each.valid_from, each.valid_to) for each in operators if each.person == person]
    if first_gap(spans, now) is None:
        return None
    organ = uow.reference.organs.get(office)
    post = PostFacts(
        post_id=new_id(), person=person, organ_code=office, role=Role.OPERATOR,
        division_code=organ.division_code if organ else uow.reference.root_division,
        valid_from=now, valid_to=None,
    )  # fmt: skip
    _note_giving(uow, post, PostStanding.ALONE, actor=MACHINE)
    await _keep(uow, post, version=FIRST_VERSION, actor=MACHINE, action="post.restored")
    return post


def post_of(row: Any) -> PostFacts:
    """A post of its row."""
    return PostFacts(**{name: getattr(row, name) for name in store.FACTS})


async def _withdraw(uow: UnitOfWork, post_id: UUID, *, actor: str) -> None:
    giving = await store.locked_giving(uow.session, post_id)
    if giving is None or giving.standing != PostStanding.PROPOSED:
        raise NotFound("没有这个岗位")
    post = post_of(giving)
    await _settle(uow, post, PostStanding.WITHDRAWN, actor=actor)
    _audit(uow, post, "post.withdrawn", actor)


async def _settle(uow: UnitOfWork, post: PostFacts, standing: PostStanding, *, actor: str) -> None:
    now = uow.clock.now()
    await store.settle(
        uow.session, post.post_id, standing=standing.value, settled_by=actor, settled_at=now
    )


def _note_giving(uow: UnitOfWork, post: PostFacts, standing: PostStanding, *, actor: str) -> None:
    row = post.model_dump() | {"role": str(post.role), "standing": standing.value}
    row |= {"given_by": actor, "given_at": uow.clock.now(), "settled_by": None, "settled_at": None}
    uow.add(store.GIVING, row)


async def _keep(uow: UnitOfWork, post: PostFacts, *, version: int, actor: str, action: str) -> None:
    await save_post(uow, post, version=version)
    record_post(uow, post, version=version)
    _audit(uow, post, action, actor)


def _audit(uow: UnitOfWork, post: PostFacts, action: str, actor: str) -> None:
    uow.audit(
        action, f"post/{post.post_id}", actor=actor, role=str(post.role), organ=post.organ_code
    )
