"""Posts over HTTP: routing owns them and publishes every change (decisions 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import ColumnElement, Table, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.common.api.callers import Operator, Overseer
from services.routing.common.use_cases.bodies import OrganCode
from services.routing.posts.store import posts as store
from services.routing.posts.use_cases import confirm_post, end_post, give_post
from shared.kernel.errors import Conflict, NotFound
from shared.vocabulary.posts import PostStanding, Role
from shared.web.bodies import Instant
from shared.web.deps import Reading, ServiceDep, Uow
from shared.web.paging import BadCursor, CursorText, Limit, Page, cut_page, decode_cursor
from shared.web.paging import encode_cursor as cursor_of
from shared.web.problems import problems
from shared.web.security import Caller
from shared.workflow.bodies import Request

router = APIRouter(tags=["posts"])

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class PostIn(Request):
    """A post to give; `person` is the subject of the person's token. From now when not told."""

    person: Person
    organ_code: OrganCode
    role: Role
    valid_from: Instant | None = None
    valid_to: Instant | None = None


class PostEndIn(Request):
    """When a post ends; now when not told."""

    at: Instant | None = None


class PostOut(BaseModel):
    """A post and how it came about. One that is `proposed` or `withdrawn` opens nothing."""

    post_id: UUID
    person: str
    organ_code: str
    division_code: str
    role: Role
    valid_from: datetime
    valid_to: datetime | None
    standing: PostStanding
    standing_name: str = Field(description="办理情况（汉字）")
    given_by: str | None = Field(description="授予人或提出人；无须第二人的岗位为空，见审计")
    settled_by: str | None = Field(description="确认人或者撤回人")

    @classmethod
    def of(cls, row: Any) -> PostOut:
        """From a row of the posts seen."""
        named = {name: getattr(row, name) for name in cls.model_fields if name != "standing_name"}
        return cls(**named, standing_name=PostStanding(row.standing).label)


@router.get("/posts", summary="岗位列表")
async def list_posts(
    caller: Overseer,
    session: Reading,
    service: ServiceDep,
    person: Annotated[str | None, Query(max_length=120)] = None,
    organ: Annotated[OrganCode | None, Query()] = None,
    standing: Annotated[
        PostStanding | None, Query(description="proposed 为待确认的；不填时不列待确认和已撤回的")
    ] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[PostOut]:
    """Posts past, present and planned, of a person or an organ; an auditor's division's."""
    conditions = [_seen_by(caller)]
    if person is not None:
        conditions.append(lambda seen: seen.person == person)
    if organ is not None:
        conditions.append(lambda seen: seen.organ_code == organ)
    if standing is not None:
        conditions.append(lambda seen: seen.standing == standing.value)
    else:
        conditions.append(lambda seen: seen.standing.not_in(store.NOT_IN_FORCE))
    if cursor:
        after = _uuid(decode_cursor(cursor, 1)[0])
        conditions.append(lambda seen: seen.post_id > after)
    table = service.tables.post
    rows = await store.seen_page(session, table, conditions, limit=limit + 1)
    shown, more = cut_page(rows, limit)
    return Page(
        items=[PostOut.of(row) for row in shown],
        next=cursor_of(shown[-1].post_id) if more else None,
    )


@router.get("/posts/{post_id}", summary="岗位详情", responses=problems(404))
async def show_post(
    post_id: UUID, caller: Overseer, session: Reading, service: ServiceDep
) -> PostOut:
    """One post, or one that is proposed."""
    return await _one(session, service.tables.post, caller, post_id)


@router.post("/posts", status_code=201, summary="授予岗位（能看身份、密封件的，须第二人确认）")
async def create_post(body: PostIn, caller: Operator, uow: Uow) -> PostOut:
    """Give a person a post, never oneself; in force everywhere within two seconds, or, where
    `standing` is `proposed`, once somebody else has confirmed it."""
    post_id = await give_post(
        uow,
        body.person,
        body.organ_code,
        role=body.role,
        valid_from=body.valid_from or uow.clock.now(),
        valid_to=body.valid_to,
        actor=caller.person,
    )
    await uow.write()
    return await _one(uow.session, uow.tables.post, caller, post_id)


@router.post(
    "/posts/{post_id}/confirmation", summary="第二人确认岗位", responses=problems(404, 409)
)
async def confirm(post_id: UUID, caller: Overseer, uow: Uow) -> PostOut:
    """Confirm a post that another operator proposed or gave alone, neither to nor from the caller:
    another operator, or the auditor of a division above."""
    await _one(uow.session, uow.tables.post, caller, post_id)
    giving = await store.locked_giving(uow.session, post_id)
    if giving is None:
        raise Conflict("该岗位无须第二人确认")
    await confirm_post(uow, giving, actor=caller.person)
    await uow.write()
    return await _one(uow.session, uow.tables.post, caller, post_id)


@router.post(
    "/posts/{post_id}/end", summary="终止岗位或者撤回待确认的岗位", responses=problems(404, 409)
)
async def finish_post(post_id: UUID, body: PostEndIn, caller: Operator, uow: Uow) -> PostOut:
    """End a post, now or at an instant before its planned end, or take a proposed one back. The
    last operator's goes on."""
    await end_post(uow, post_id, at=body.at or uow.clock.now(), actor=caller.person)
    await uow.write()
    return await _one(uow.session, uow.tables.post, caller, post_id)


def _seen_by(caller: Caller) -> Callable[[Any], ColumnElement[bool]]:
    """Condition: an operator sees all posts, an auditor those of the division."""
    if Role.OPERATOR in caller.roles:
        return lambda _: true()
    return lambda seen: caller.scope.of_divisions(seen.division_code)


async def _one(session: AsyncSession, table: Table, caller: Caller, post_id: UUID) -> PostOut:
    conditions = (_seen_by(caller), lambda seen: seen.post_id == post_id)
    for row in await store.seen_page(session, table, conditions, limit=1):
        return PostOut.of(row)
    raise NotFound("没有这个岗位")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error
