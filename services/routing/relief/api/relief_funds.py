"""Funds for relief over HTTP: opened, deposited, read with their ledger, and the figures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, or_

from services.routing.casework.api.views import names_in
from services.routing.common.api.callers import (
    Head,
    Officer,
    watching_scope,
    working_scope,
)
from services.routing.common.api.paging_keys import id_key
from services.routing.common.use_cases.bodies import DivisionCode
from services.routing.relief.acts import SourceCode
from services.routing.relief.api import relief_schemas as shapes
from services.routing.relief.api.relief_schemas import (
    EntryIn,
    EntryOut,
    FigureOut,
    FiguresOut,
    FigureTotal,
    FundIn,
    FundOut,
)
from services.routing.relief.domain.relief_ledger import (
    Booking,
    ConditionalRelief,
    Entry,
    FundExists,
    FundShort,
    KeyReused,
)
from services.routing.relief.store import relief as store
from services.routing.relief.store import relief_lists as lists
from services.routing.relief.use_cases import relief_funds as use_cases
from shared.kernel.errors import Forbidden, Invalid, NotFound
from shared.reference.divisions import normalise_code
from shared.reference.editions import Reference
from shared.vocabulary.posts import Role
from shared.vocabulary.relief import EntryKind
from shared.web.deps import Reading, ReferenceDep, Uow, allow
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
from shared.web.security import Caller, ScopeKind
from shared.workflow.routes import actor_of

router = Router(tags=["relief"])

FigureReader = Annotated[
    Caller,
    allow(Role.OFFICER, Role.HEAD, Role.SUPERVISOR, Role.LEADER, scope=ScopeKind.DIVISION),
]
"""Sees figures of the own organ's funds, and by division in a watching role."""
Year = Annotated[int | None, Query(ge=2000, le=2100)]


@router.post(
    "/relief/funds",
    status_code=201,
    summary="建立救助资金",
    responses=refusals(Forbidden, FundExists, Invalid),
)
async def open_relief_fund(
    body: FundIn, caller: Head, uow: Uow, reference: ReferenceDep
) -> FundOut:
    """为本机关建立某年度、某来源的一笔资金；建立时余额为零，随后登记注入。"""
    fund = await use_cases.open_fund(
        uow, actor_of(caller, None),
        organ_code=body.organ_code, year=body.year, source=body.source,
    )  # fmt: skip
    return shapes.fund(fund, names_in(reference), with_sums=True)


@router.post(
    "/relief/funds/{fund_id}/entries",
    summary="资金注入、划出",
    responses=refusals(Forbidden, NotFound, FundShort, KeyReused, ConditionalRelief),
)
async def book_relief_entry(
    fund_id: UUID, body: EntryIn, caller: Head, uow: Uow, reference: ReferenceDep
) -> FundOut:
    """登记注入或划出并说明理由；余额不会低于零，同一编号只记一次。"""
    booking = Booking(Entry(EntryKind(body.kind), body.amount_fen), body.key, body.reason)
    fund = await use_cases.book(uow, fund_id, actor_of(caller, None), booking)
    return shapes.fund(fund, names_in(reference), with_sums=True)


@router.get("/relief/funds", summary="可用的救助资金", responses=refusals(Forbidden, BadCursor))
async def list_relief_funds(
    caller: Officer,
    session: Reading,
    reference: ReferenceDep,
    year: Year = None,
    source: Annotated[SourceCode | None, Query()] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[FundOut]:
    """本机关的资金，以及本机关所在区划和上级区划的资金；金额只显示本机关的。"""
    rows = await lists.funds(
        session, _reach(caller, reference),
        year=year, source=source, after=id_key(cursor), limit=limit + 1,
    )  # fmt: skip
    shown, more = cut_page(rows, limit)
    names = names_in(reference)
    return Page(
        items=[
            shapes.fund(store.fund_of(row), names, with_sums=row.organ_code in caller.scope.organs)
            for row in shown
        ],
        next=encode_cursor(shown[-1].fund_id) if more else None,
    )


@router.get(
    "/relief/funds/{fund_id}/entries",
    summary="资金台账",
    responses=refusals(Forbidden, NotFound, BadCursor),
)
async def list_relief_entries(
    fund_id: UUID, caller: Officer, session: Reading, limit: Limit = 50, cursor: CursorText = None
) -> Page[EntryOut]:
    """本机关一笔资金的台账，新的在前；台账只增不改。"""
    fund = await store.fund(session, fund_id)
    if fund is None or fund.organ_code not in caller.scope.organs:
        raise NotFound(use_cases.NO_FUND)
    before = integer_key(decode_cursor(cursor, 1)[0]) if cursor else None
    rows = await lists.entries(session, fund_id, before=before, limit=limit + 1)
    shown, more = cut_page(rows, limit)
    return Page(
        items=[shapes.entry(row) for row in shown],
        next=encode_cursor(shown[-1].ordinal) if more else None,
    )


@router.get("/relief/figures", summary="救助统计", responses=refusals(Forbidden, BadCursor))
async def show_relief_figures(
    caller: FigureReader,
    session: Reading,
    reference: ReferenceDep,
    division: Annotated[DivisionCode | None, Query(description="只看某区划之内")] = None,
    year: Year = None,
    source: Annotated[SourceCode | None, Query()] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> FiguresOut:
    """按区划、年度、来源统计资金、预留、发放、实物估值和得到救助的办件数；合计中一个办件只计一次。"""
    column = store.FUND.c
    scope = or_(
        working_scope(caller, reference.divisions).of_organs(column.organ_code),
        watching_scope(caller, reference.divisions).of_divisions(column.division_code),
    )
    if division is not None:
        low, high = reference.divisions.subtree_range(normalise_code(division))
        scope = scope & column.division_code.between(low, high)
    if year is not None:
        scope = scope & (column.year == year)
    if source is not None:
        scope = scope & (column.source == source)
    after = None
    if cursor:
        place, its_year, its_source = decode_cursor(cursor, 3)
        after = (place, integer_key(its_year), its_source)
    rows = await lists.figures(session, scope, after=after, limit=limit + 1)
    shown, more = cut_page(rows, limit)
    names = names_in(reference)
    keys = ("division_code", "year", "source")
    return FiguresOut(
        items=[
            FigureOut(**row, **shapes.places(row["division_code"], row["source"], names))
            for row in shown
        ],
        total=FigureTotal(**await lists.total(session, scope)),
        next=encode_cursor(*(shown[-1][key] for key in keys)) if more else None,
    )


def _reach(caller: Caller, reference: Reference) -> ColumnElement[bool]:
    """Condition: of an own organ, or of a division an own organ lies in."""
    posts = {post.division_code for post in caller.posts}
    above = {d.code for code in posts for d in reference.divisions.ancestors(code)}
    column = store.FUND.c
    return or_(
        caller.scope.of_organs(column.organ_code), column.division_code.in_(sorted(posts | above))
    )
