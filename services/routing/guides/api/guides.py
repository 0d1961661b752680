"""Handling guides and policy changes over HTTP, and what of them a case is offered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import ColumnElement

from services.routing.cases.store import lists
from services.routing.casework.api.views import names_in
from services.routing.common.api.callers import (
    Head,
    Officer,
    Reader,
    watching_scope,
    working_scope,
)
from services.routing.common.api.paging_keys import parsed
from services.routing.common.use_cases.bodies import CategoryCode, DivisionCode
from services.routing.guides import use_cases
from services.routing.guides.api import guide_schemas as shapes
from services.routing.guides.api.guide_schemas import (
    GuideChangeIn,
    GuideDetail,
    GuideIn,
    GuideLine,
    GuideOut,
    GuideSeenIn,
    GuideView,
    GuideWithdrawalIn,
)
from services.routing.guides.domain import GuideKind, topics_above, topics_below
from services.routing.guides.store import guides as store
from services.routing.guides.store.guides import GUIDE
from services.routing.guides.use_cases import NO_GUIDE
from shared.contracts.words import Role
from shared.kernel.errors import NotFound
from shared.reference.divisions import normalise_code
from shared.reference.editions import Reference
from shared.web.bodies import Day
from shared.web.deps import Reading, ReferenceDep, Today, Uow, allow
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
from shared.web.security import Caller, ScopeKind, organs_above
from shared.workflow.routes import actor_of

router = APIRouter(tags=["guides"])

GuideReader = Annotated[
    Caller,
    allow(
        Role.REGISTRAR, Role.OFFICER, Role.HEAD, Role.SUPERVISOR, Role.LEADER, Role.REVIEWER,
        scope=ScopeKind.DIVISION,
    ),
]  # fmt: skip
"""Reads guides of the own organ's division and those above it."""
OnDay = Annotated[Day | None, Query(description="哪一天有效；默认今天")]


@router.get("/guides", summary="办理指引和政策变动")
async def list_guides(
    caller: GuideReader,
    session: Reading,
    reference: ReferenceDep,
    today: Today,
    view: GuideView = GuideView.IN_FORCE,
    kind: GuideKind | None = None,
    category: Annotated[CategoryCode | None, Query(description="该类及其下级")] = None,
    division: Annotated[DivisionCode | None, Query(description="适用于该区划")] = None,
    q: Annotated[str | None, Query(min_length=1, max_length=50, description="标题含有")] = None,
    on: OnDay = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[GuideLine]:
    """Guides by topic, the most specific first."""
    conditions = [_readable(caller, reference), *_of_view(view, caller, on or today)]
    if kind is not None:
        conditions.append(GUIDE.c.kind == kind)
    if category is not None:
        conditions.append(GUIDE.c.category_code.between(category, topics_below(category)))
    if division is not None:
        conditions.append(GUIDE.c.division_code.in_(_places(reference, normalise_code(division))))
    if q is not None:
        conditions.append(GUIDE.c.title.contains(q, autoescape=True))
    return await _page(session, conditions, reference, limit=limit, cursor=cursor)


@router.get(
    "/cases/{case_id}/guides", summary="适用于本案的指引和政策变动", responses=problems(404)
)
async def list_case_guides(
    case_id: UUID,
    caller: Reader,
    session: Reading,
    reference: ReferenceDep,
    today: Today,
    on: OnDay = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[GuideLine]:
    """Guides of the case's topic and place or those above them, in force on the day."""
    seen = await lists.visible(
        session, case_id,
        organs=working_scope(caller, reference.divisions).of_organs,
        divisions=watching_scope(caller, reference.divisions).of_divisions,
        above=organs_above(caller, reference.organs),
    )  # fmt: skip
    if seen is None:
        raise NotFound("没有这个办件")
    case, _ = seen
    if case.category_code is None or case.division_code is None:
        return Page(items=[], next=None)
    conditions = [
        store.in_force(on or today),
        GUIDE.c.category_code.in_(topics_above(case.category_code)),
        GUIDE.c.division_code.in_(_places(reference, case.division_code)),
    ]
    return await _page(session, conditions, reference, limit=limit, cursor=cursor)


@router.get("/guides/{guide_id}", summary="指引详情（含历次版本）", responses=problems(404))
async def show_guide(
    guide_id: UUID, caller: GuideReader, session: Reading, reference: ReferenceDep
) -> GuideDetail:
    """The newest version the caller may read, and a line for each of them."""
    rows = await store.versions(session, guide_id, _readable(caller, reference))
    if not rows:
        raise NotFound(NO_GUIDE)
    return shapes.detail([store.guide_of(row) for row in rows], names_in(reference))


@router.get(
    "/guides/{guide_id}/versions/{version}", summary="指引某一版本", responses=problems(404)
)
async def show_guide_version(
    guide_id: UUID,
    version: Annotated[int, Path(ge=1, le=1_000_000)],
    caller: GuideReader,
    session: Reading,
    reference: ReferenceDep,
) -> GuideOut:
    """One version, in force or not."""
    rows = await store.versions(session, guide_id, _readable(caller, reference))
    for row in rows:
        if row.version == version:
            return shapes.whole(store.guide_of(row), names_in(reference))
    raise NotFound(NO_GUIDE)


@router.post("/guides", status_code=201, summary="起草指引或政策变动")
async def draft_guide(
    body: GuideIn, caller: Officer, uow: Uow, reference: ReferenceDep
) -> GuideOut:
    """Begin a guide of the caller's organ; nobody else sees it until a head publishes it."""
    actor = actor_of(caller, None)
    guide = await use_cases.draft(uow, actor, body.content(), organ_code=body.organ_code)
    return shapes.whole(guide, names_in(reference))


@router.put(
    "/guides/{guide_id}/draft", summary="修改草稿或起草新版本", responses=problems(404, 409)
)
async def redraft_guide(
    guide_id: UUID, body: GuideChangeIn, caller: Officer, uow: Uow, reference: ReferenceDep
) -> GuideOut:
    """Change the draft, or begin the next version of a published guide."""
    actor = actor_of(caller, body.version)
    guide = await use_cases.redraft(uow, guide_id, actor, body.content())
    return shapes.whole(guide, names_in(reference))


@router.delete(
    "/guides/{guide_id}/draft", status_code=204, summary="放弃草稿", responses=problems(404, 409)
)
async def discard_guide_draft(guide_id: UUID, caller: Officer, uow: Uow) -> Response:
    """Remove a draft that was never published."""
    await use_cases.discard(uow, guide_id, actor_of(caller, None))
    return Response(status_code=204)


@router.post("/guides/{guide_id}/publication", summary="发布指引", responses=problems(404, 409))
async def publish_guide(
    guide_id: UUID,
    body: GuideSeenIn,
    caller: Head,
    uow: Uow,
    today: Today,
    reference: ReferenceDep,
) -> GuideOut:
    """Publish the draft; from its first day it stands in place of the version before."""
    guide = await use_cases.publish(uow, guide_id, actor_of(caller, body.version), on=today)
    return shapes.whole(guide, names_in(reference))


@router.post("/guides/{guide_id}/withdrawal", summary="撤回指引", responses=problems(404, 409))
async def withdraw_guide(
    guide_id: UUID,
    body: GuideWithdrawalIn,
    caller: Head,
    uow: Uow,
    today: Today,
    reference: ReferenceDep,
) -> GuideOut:
    """Offer it no more; it stays readable."""
    actor = actor_of(caller, body.version)
    guide = await use_cases.withdraw(uow, guide_id, actor, reasons=body.reasons, on=today)
    return shapes.whole(guide, names_in(reference))


def _places(reference: Reference, code: str) -> list[str]:
    """A division and those above it."""
    return [code, *(each.code for each in reference.divisions.ancestors(code))]


def _readable(caller: Caller, reference: Reference) -> ColumnElement[bool]:
    places = {code for post in caller.posts for code in _places(reference, post.division_code)}
    return store.readable(places, caller.scope.of_organs)


def _of_view(view: GuideView, caller: Caller, on: date) -> list[ColumnElement[bool]]:
    if view is GuideView.IN_FORCE:
        return [store.in_force(on)]
    own = caller.scope.of_organs(GUIDE.c.organ_code)
    return [own, GUIDE.c.state == "draft"] if view is GuideView.DRAFTS else [own]


async def _page(
    session: Reading,
    conditions: list[ColumnElement[bool]],
    reference: Reference,
    *,
    limit: int,
    cursor: str | None,
) -> Page[GuideLine]:
    rows = await store.found(session, *conditions, after=_key(cursor), limit=limit + 1)
    shown, more = cut_page(rows, limit)
    names = names_in(reference)
    return Page(
        items=[shapes.line(store.guide_of(row), names) for row in shown],
        next=encode_cursor(*_keys(shown[-1])) if more else None,
    )


def _keys(row: Any) -> tuple[Any, ...]:
    return (row.category_code, row.division_code, row.valid_from, row.guide_id, row.version)


def _key(cursor: str | None) -> store.Key | None:
    if not cursor:
        return None
    category, division, day, guide_id, version = decode_cursor(cursor, 5)
    return (
        category, division, parsed(date.fromisoformat, day), parsed(UUID, guide_id),
        integer_key(version),
    )  # fmt: skip
