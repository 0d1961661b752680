"""Posts over HTTP: routing owns them and publishes every change (decisions 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from sqlalchemy import select

from services.routing.api.callers import Operator
from services.routing.use_cases.bodies import OrganCode, Request
from services.routing.use_cases.posts import end_post, give_post, post_of
from shared.contracts.routing import PostFacts
from shared.contracts.words import Role
from shared.kernel.errors import NotFound
from shared.web.bodies import Instant
from shared.web.deps import Reading, ServiceDep, Uow
from shared.web.paging import BadCursor, CursorText, Limit, Page, cut_page, decode_cursor
from shared.web.paging import encode_cursor as cursor_of
from shared.web.problems import problems

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
    """A post."""

    post_id: UUID
    person: str
    organ_code: str
    division_code: str
    role: Role
    valid_from: datetime
    valid_to: datetime | None


@router.get("/posts", summary="岗位列表")
async def list_posts(
    _: Operator,
    session: Reading,
    service: ServiceDep,
    person: Annotated[str | None, Query(max_length=120)] = None,
    organ: Annotated[OrganCode | None, Query()] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[PostOut]:
    """Posts past, present and planned, of a person or an organ."""
    table = service.tables.post
    query = select(table).order_by(table.c.post_id).limit(limit + 1)
    if person is not None:
        query = query.where(table.c.person == person)
    if organ is not None:
        query = query.where(table.c.organ_code == organ)
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        query = query.where(table.c.post_id > _uuid(after))
    shown, more = cut_page((await session.execute(query)).all(), limit)
    return Page(
        items=[_out(post_of(row)) for row in shown],
        next=cursor_of(shown[-1].post_id) if more else None,
    )


@router.get("/posts/{post_id}", summary="岗位详情", responses=problems(404))
async def show_post(post_id: UUID, _: Operator, session: Reading, service: ServiceDep) -> PostOut:
    """One post."""
    table = service.tables.post
    row = (await session.execute(select(table).where(table.c.post_id == post_id))).one_or_none()
    if row is None:
        raise NotFound("没有这个岗位")
    return _out(post_of(row))


@router.post("/posts", status_code=201, summary="授予岗位")
async def create_post(body: PostIn, caller: Operator, uow: Uow) -> PostOut:
    """Give a person a post; in force everywhere within two seconds."""
    post = await give_post(
        uow,
        body.person,
        body.organ_code,
        role=body.role,
        valid_from=body.valid_from or uow.clock.now(),
        valid_to=body.valid_to,
        actor=caller.person,
    )
    return _out(post)


@router.post("/posts/{post_id}/end", summary="终止岗位", responses=problems(404))
async def finish_post(post_id: UUID, body: PostEndIn, caller: Operator, uow: Uow) -> PostOut:
    """End a post, now or at an instant."""
    at = body.at or uow.clock.now()
    return _out(await end_post(uow, post_id, at=at, actor=caller.person))


def _out(post: PostFacts) -> PostOut:
    return PostOut(**post.model_dump())


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error
