"""Relief in cases over HTTP: apply, decide, pay, cancel, and what the citizen received."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query

from services.routing.cases.store import cases
from services.routing.casework.api.views import names_in
from services.routing.casework.use_cases.acting import has_to_do_with
from services.routing.common.api.callers import Officer
from services.routing.common.api.paging_keys import id_key, parsed
from services.routing.relief import acts
from services.routing.relief.acts import NO_RELIEF, RELIEF, ReliefIn
from services.routing.relief.api import relief_schemas as shapes
from services.routing.relief.api.relief_schemas import (
    CaseReliefOut,
    ReceivedOut,
    ReliefDetail,
    ReliefOut,
)
from services.routing.relief.domain.relief import Relief
from services.routing.relief.domain.relief_ledger import ConditionalRelief
from services.routing.relief.store import relief as store
from services.routing.relief.store import relief_lists as lists
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, Invalid, NotFound
from shared.vocabulary.relief import ReliefState
from shared.web.deps import Reading, ReferenceDep, Today, Uow
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
from shared.web.security import organs_above
from shared.workflow.guards import Law
from shared.workflow.routes import Edge, act_routes, actor_of

router = Router(tags=["relief"])

_APPLICATION = "/relief/applications/{application_id}"


async def _shown(uow: UnitOfWork, relief: Relief, _proposal: UUID | None) -> ReliefOut:
    """An application after an act."""
    law = Law(uow.reference, uow.clock.today())
    return shapes.relief(relief, names_in(uow.reference), law)


EDGE: Final = Edge(
    item=_APPLICATION, key="application_id", caller=Officer, answer=ReliefOut, view=_shown
)


@cache
def act_router() -> Router:
    """The routes of the acts, made of the table and therefore not at import."""
    made = Router(tags=["relief"])
    made.include_router(act_routes(RELIEF, EDGE))
    return made


@router.post(
    "/relief/cases/{case_id}/applications",
    status_code=201,
    summary="申请救助",
    responses=refusals(Forbidden, NotFound, Invalid, ConditionalRelief),
)
async def apply_for_relief(
    case_id: UUID, body: ReliefIn, caller: Officer, uow: Uow, today: Today
) -> ReliefOut:
    """与办件有关的机关为信访人申请救助金、实物或者服务。救助不附加任何条件。"""
    relief = await acts.apply(uow, case_id, actor_of(caller, None), body, on=today)
    return await _shown(uow, relief, None)


@router.get(
    "/relief/cases/{case_id}",
    summary="本案中群众得到的救助",
    responses=refusals(Forbidden, NotFound, BadCursor),
)
async def show_case_relief(
    case_id: UUID,
    caller: Officer,
    session: Reading,
    data: ReferenceDep,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> CaseReliefOut:
    """与办件有关的机关查看本案已经发放的救助；合计包括全部，不限本页。"""
    case = await cases.load(session, case_id)
    if case is None or not has_to_do_with(case, actor_of(caller, None), data):
        raise NotFound("没有这个办件")
    after = None
    if cursor:
        application, ordinal = decode_cursor(cursor, 2)
        after = (parsed(UUID, application), integer_key(ordinal))
    rows = await lists.received_in(session, case_id, after=after, limit=limit + 1)
    shown, more = cut_page(rows, limit)
    money, in_kind = await lists.given_in(session, case_id)
    return CaseReliefOut(
        money_fen=money,
        in_kind_fen=in_kind,
        items=[
            ReceivedOut(
                **{n: getattr(row, n) for n in ReceivedOut.model_fields if hasattr(row, n)},
                amount_fen=row.amount,
            )
            for row in shown
        ],
        next=encode_cursor(shown[-1].application_id, shown[-1].ordinal) if more else None,
    )


@router.get(
    "/relief/applications", summary="救助申请列表", responses=refusals(Forbidden, BadCursor)
)
async def list_relief(
    caller: Officer,
    session: Reading,
    reference: ReferenceDep,
    today: Today,
    state: ReliefState | None = None,
    case_id: Annotated[UUID | None, Query()] = None,
    fund_id: Annotated[UUID | None, Query()] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[ReliefOut]:
    """本机关提出的和由本机关管理的资金支出的救助申请，新的在前。"""
    rows = await lists.applications(
        session, caller.scope.of_organs, above=organs_above(caller, reference.organs),
        state=state, case_id=case_id, fund_id=fund_id, after=id_key(cursor), limit=limit + 1,
    )  # fmt: skip
    shown, more = cut_page(rows, limit)
    names, law = names_in(reference), Law(reference, today)
    return Page(
        items=[shapes.relief(store.relief_of(row), names, law) for row in shown],
        next=encode_cursor(shown[-1].application_id) if more else None,
    )


@router.get(_APPLICATION, summary="救助申请详情", responses=refusals(Forbidden, NotFound))
async def show_relief(
    application_id: UUID, caller: Officer, session: Reading, reference: ReferenceDep, today: Today
) -> ReliefDetail:
    """一项救助申请，附发放情况和办理经过。"""
    above = organs_above(caller, reference.organs)
    row = await lists.application(session, application_id, caller.scope.of_organs, above=above)
    relief = row and await store.load(session, application_id)
    if relief is None:
        raise NotFound(NO_RELIEF)
    paid = await lists.payments(session, application_id)
    return shapes.detail(relief, paid, names_in(reference), Law(reference, today))
