"""Handling guides and policy changes over HTTP, and what of them a case is offered."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy import ColumnElement

from services.routing.cases.store import lists
from services.routing.casework.api.views import names_in
from services.routing.common.api.callers import Officer, Reader, watching_scope, working_scope
from services.routing.common.api.paging_keys import parsed
from services.routing.common.use_cases.bodies import CategoryCode, DivisionCode
from services.routing.guides import acts
from services.routing.guides.acts import GUIDES, NO_GUIDE, GuideIn
from services.routing.guides.api import guide_schemas as shapes
from services.routing.guides.api.guide_schemas import GuideDetail, GuideLine, GuideOut
from services.routing.guides.domain import Guide, topics_above, topics_below
from services.routing.guides.store import guides as store
from services.routing.guides.store.guides import GUIDE
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, Invalid, NotFound
from shared.reference.divisions import normalise_code
from shared.reference.editions import Reference
from shared.vocabulary.guides import GuideKind, GuideView
from shared.vocabulary.posts import Role
from shared.web.bodies import Day
from shared.web.deps import Reading, ReferenceDep, Today, Uow, allow
from shared.web.once import Router
from shared.web.paging import (
    BadCursor,
    CursorText,
    Limit,
    Page,
    cut_page,
    decode_cursor,
    encode_cursor,
    integer_key,
)
from shared.web.problems import refusals
from shared.web.security import Caller, ScopeKind, organs_above
from shared.workflow.guards import Law
from shared.workflow.routes import Edge, act_routes, actor_of

router = Router(tags=["guides"])


async def _shown(uow: UnitOfWork, guide: Guide, _proposal: UUID | None) -> GuideOut | None:
    """The version an act changed; nothing of a draft that was given up."""
    if guide.about is None:
        return None
    actions = shapes.actions(guide, Law(uow.reference, uow.clock.today()))
    return shapes.whole(guide.about, names_in(uow.reference), actions)


EDGE: Final = Edge(
    item="/guides/{guide_id}", key="guide_id", caller=Officer, answer=GuideOut, view=_shown
)


@cache
def act_router() -> Router:
    """The routes of the acts, made of the table and therefore not at import."""
    made = Router(tags=["guides"])
    made.include_router(act_routes(GUIDES, EDGE))
    return made


GuideReader = Annotated[
    Caller,
    allow(
        Role.REGISTRAR, Role.OFFICER, Role.HEAD, Role.SUPERVISOR, Role.LEADER, Role.REVIEWER,
        scope=ScopeKind.DIVISION,
    ),
]  # fmt: skip
"""Reads guides of the own organ's division and those above it."""
OnDay = Annotated[Day | None, Query(description="哪一天有效；默认今天")]


@router.get("/guides", summary="办理指引和政策变动", responses=refusals(Forbidden, BadCursor))
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
    """按内容分类和区划由细到粗排列。默认为当天有效的；drafts 为本机关草稿，own 为本机关全部。"""
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
    "/cases/{case_id}/guides",
    summary="适用于本案的指引和政策变动",
    responses=refusals(Forbidden, NotFound, BadCursor),
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
    """适用于本案内容分类和区划（含上级分类、上级区划）并在该日有效的指引，由细到粗。"""
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


@router.get(
    "/guides/{guide_id}",
    summary="指引详情（含历次版本）",
    responses=refusals(Forbidden, NotFound),
)
async def show_guide(
    guide_id: UUID, caller: GuideReader, session: Reading, reference: ReferenceDep, today: Today
) -> GuideDetail:
    """可以阅读的最新版本，以及历次版本的目录。"""
    rows = await store.versions(session, guide_id, _readable(caller, reference))
    if not rows:
        raise NotFound(NO_GUIDE)
    guide = store.chain(rows)
    writes = {post.organ_code for post in caller.posts if post.role in (Role.OFFICER, Role.HEAD)}
    actions = shapes.actions(guide, Law(reference, today)) if guide.organ_code in writes else ()
    return shapes.detail([store.guide_of(row) for row in rows], names_in(reference), actions)


@router.get(
    "/guides/{guide_id}/versions/{version}",
    summary="指引某一版本",
    responses=refusals(Forbidden, NotFound),
)
async def show_guide_version(
    guide_id: UUID,
    version: Annotated[int, Path(ge=1, le=1_000_000)],
    caller: GuideReader,
    session: Reading,
    reference: ReferenceDep,
) -> GuideOut:
    """某一版本，不论是否有效。"""
    rows = await store.versions(session, guide_id, _readable(caller, reference))
    for row in rows:
        if row.version == version:
            return shapes.whole(store.guide_of(row), names_in(reference))
    raise NotFound(NO_GUIDE)


@router.post(
    "/guides",
    status_code=201,
    summary="起草指引或政策变动",
    response_model=GuideOut,
    responses=refusals(Forbidden, Invalid),
)
async def draft_guide(body: GuideIn, caller: Officer, uow: Uow, today: Today) -> GuideOut | None:
    """起草本机关的指引；负责人发布之前，其他机关看不到。"""
    guide = await acts.draft(uow, actor_of(caller, None), body, on=today)
    return await _shown(uow, guide, None)


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
