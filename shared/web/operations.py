"""What operators need of every service: parked events, what is unsettled, the event feed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Row, select, update

from shared.db.tables import not_done
from shared.kernel.errors import Invalid, NotFound
from shared.vocabulary.posts import Role
from shared.web.deps import Reading, ServiceDep, Uow, allow
from shared.web.paging import (
    CursorText,
    Limit,
    Page,
    cut_page,
    decode_cursor,
    encode_cursor,
    integer_key,
)
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind

Operator = Annotated[Caller, allow(Role.OPERATOR, scope=ScopeKind.DEPLOYMENT)]
FeedReader = Annotated[Caller, allow(Role.SERVICE, scope=ScopeKind.DEPLOYMENT)]


class ParkedEvent(BaseModel):
    """An event that could not be handled, and why."""

    id: UUID
    source: str
    type: str
    subject: str
    reason: str | None
    attempts: int
    received_at: datetime


class ParkedDetail(ParkedEvent):
    """With the raw envelope, where it carries no text of a petition."""

    envelope: dict[str, Any] | None = Field(
        description="None when it can't be read or carries text."
    )


class ReplayRequest(BaseModel):
    """Which parked events to take up again; no ids means all."""

    ids: list[UUID] | None = Field(default=None, max_length=1000)


class ReplayAnswer(BaseModel):
    """How many events were taken up again."""

    replayed: int


class Unsettled(BaseModel):
    """What is still on its way in this service; all zero but `parked` means settled."""

    unsent: int
    new: int
    held: int
    parked: int


class FeedPage(BaseModel):
    """Envelopes of one hour in order of id."""

    items: list[dict[str, Any]]
    next: UUID | None


@cache
def operations_router() -> APIRouter:
    """The routes, the same for every service."""
    router = APIRouter(tags=["operations"])
    router.add_api_route("/parked", list_parked, summary="搁置的事件")
    router.add_api_route("/parked/replay", replay_parked, methods=["POST"], summary="重放搁置事件")
    router.add_api_route(
        "/parked/{event_id}", show_parked, summary="搁置事件详情", responses=problems(404)
    )
    router.add_api_route("/unsettled", unsettled, summary="尚未处理完的事件数")
    router.add_api_route("/events", feed, summary="事件补发源（供其他服务核对补齐）")
    return router


async def list_parked(
    _: Operator,
    session: Reading,
    service: ServiceDep,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[ParkedEvent]:
    """Parked events, oldest first."""
    inbox = service.tables.inbox
    query = (
        select(inbox).where(not_done(inbox), inbox.c.state == "parked").order_by(inbox.c.position)
    )
    if cursor:
        (position,) = decode_cursor(cursor, 1)
        query = query.where(inbox.c.position > integer_key(position))
    rows, more = cut_page((await session.execute(query.limit(limit + 1))).all(), limit)
    return Page(
        items=[ParkedEvent(**_parked(row)) for row in rows],
        next=encode_cursor(rows[-1].position) if more else None,
    )


async def show_parked(
    event_id: UUID, _: Operator, session: Reading, service: ServiceDep
) -> ParkedDetail:
    """One parked event with its reason."""
    inbox = service.tables.inbox
    row = (
        await session.execute(
            select(inbox).where(inbox.c.id == event_id, inbox.c.state == "parked")
        )
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个搁置事件")
    return ParkedDetail(**_parked(row), envelope=_without_text(row.envelope))


async def replay_parked(
    body: ReplayRequest, caller: Operator, uow: Uow, service: ServiceDep
) -> ReplayAnswer:
    """Take parked events up again, with fresh attempts; mend the cause first."""
    inbox = service.tables.inbox
    statement = (
        update(inbox)
        .where(not_done(inbox), inbox.c.state == "parked", inbox.c.type != "?")
        .values(state="new", attempts=0, next_attempt_at=None, reason=None)
        .returning(inbox.c.id)
    )
    if body.ids is not None:
        statement = statement.where(inbox.c.id.in_(body.ids))
    replayed = len((await uow.session.execute(statement)).all())
    uow.audit("parked.replayed", "inbox", actor=caller.person, count=replayed)
    return ReplayAnswer(replayed=replayed)


async def unsettled(_: Operator, service: ServiceDep) -> Unsettled:
    """Counts of what has not come to rest; importers and demos wait for zeroes."""
    return Unsettled(**await service.unsettled())


async def feed(
    _: FeedReader,
    session: Reading,
    service: ServiceDep,
    hour: datetime,
    types: Annotated[str, Query(max_length=4000, description="逗号分隔的事件类型")],
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> FeedPage:
    """What this service recorded in one hour, for a consumer that misses some of it.

    Event types a consumer is not bound to are the deployment's secret as on the broker: the
    service token is given to the four services alone."""
    if hour.tzinfo is None:
        raise Invalid("hour 须带时区")
    outbox = service.tables.outbox
    query = (
        select(outbox.c.id, outbox.c.envelope)
        .where(outbox.c.recorded_at >= hour, outbox.c.recorded_at < hour + timedelta(hours=1))
        .where(outbox.c.type.in_(types.split(",")))
        .order_by(outbox.c.id)
        .limit(limit + 1)
    )
    if after:
        query = query.where(outbox.c.id > after)
    rows, more = cut_page((await session.execute(query)).all(), limit)
    return FeedPage(
        items=[json.loads(row.envelope) for row in rows], next=rows[-1].id if more else None
    )


def _parked(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ParkedEvent.model_fields}


def _without_text(envelope: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(envelope)
    except ValueError:
        return None
    if not isinstance(parsed, dict) or parsed.get("type", "").startswith("intake.content."):
        return None
    return parsed
