"""Relief in cases over HTTP: apply, decide, pay, cancel, and what the citizen received."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store import cases
from services.routing.casework.api.views import names_in
from services.routing.casework.use_cases.acting import has_to_do_with
from services.routing.common.api.callers import Officer, actor_of
from services.routing.common.api.paging_keys import id_key, parsed
from services.routing.relief.api import relief_schemas as shapes
from services.routing.relief.api.relief_funds import FundHead
from services.routing.relief.api.relief_schemas import (
    ApprovalIn,
    CaseReliefOut,
    PaymentIn,
    ReceivedOut,
    ReliefDetail,
    ReliefIn,
    ReliefOut,
    ReliefReasonsIn,
)
from services.routing.relief.domain.relief import Payment, ReliefState, Wanted
from services.routing.relief.store import relief_lists as lists
from services.routing.relief.use_cases import relief as use_cases
from services.routing.relief.use_cases.relief import NO_RELIEF
from shared.kernel.errors import NotFound
from shared.reference.editions import Reference
from shared.web.deps import Reading, ReferenceDep, Today, Uow
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
from shared.web.security import Caller, organs_above

router = APIRouter(tags=["relief"])

_APPLICATION = "/relief/applications/{application_id}"


@router.post(
    "/relief/cases/{case_id}/applications",
    status_code=201,
    summary="申请救助",
    responses=problems(404),
)
async def apply_for_relief(
    case_id: UUID, body: ReliefIn, caller: Officer, uow: Uow, today: Today, data: ReferenceDep
) -> ReliefOut:
    """Ask for money or help in kind in a case of the caller's organ. Nothing is asked in return."""
    wanted = Wanted(
        fund_id=body.fund_id, kind=body.kind, amount=body.amount_fen,
        description=body.description, reasons=body.reasons,
    )  # fmt: skip
    application_id = await use_cases.apply(uow, case_id, actor_of(caller, None), wanted, on=today)
    return await _shown(uow.session, application_id, caller, data)


@router.get("/relief/cases/{case_id}", summary="本案中群众得到的救助", responses=problems(404))
async def show_case_relief(
    case_id: UUID,
    caller: Officer,
    session: Reading,
    data: ReferenceDep,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> CaseReliefOut:
    """What was handed over in a case, for the organs involved in it."""
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


@router.get("/relief/applications", summary="救助申请列表")
async def list_relief(
    caller: Officer,
    session: Reading,
    reference: ReferenceDep,
    state: ReliefState | None = None,
    case_id: Annotated[UUID | None, Query()] = None,
    fund_id: Annotated[UUID | None, Query()] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[ReliefOut]:
    """Applications the caller's organ made or decides on, newest first."""
    rows = await lists.applications(
        session, caller.scope.of_organs, above=organs_above(caller, reference.organs),
        state=state, case_id=case_id, fund_id=fund_id, after=id_key(cursor), limit=limit + 1,
    )  # fmt: skip
    shown, more = cut_page(rows, limit)
    names = names_in(reference)
    return Page(
        items=[ReliefOut(**shapes.relief(row, names)) for row in shown],
        next=encode_cursor(shown[-1].application_id) if more else None,
    )


@router.get(_APPLICATION, summary="救助申请详情", responses=problems(404))
async def show_relief(
    application_id: UUID, caller: Officer, session: Reading, reference: ReferenceDep
) -> ReliefDetail:
    """One application with what was handed over."""
    row = await _seen(session, application_id, caller, reference)
    payments = [shapes.payment(each) for each in await lists.payments(session, application_id)]
    return ReliefDetail(**shapes.relief(row, names_in(reference)), payments=payments)


@router.post(f"{_APPLICATION}/approval", summary="批准救助", responses=problems(404, 409))
async def approve_relief(
    application_id: UUID,
    body: ApprovalIn,
    caller: FundHead,
    uow: Uow,
    today: Today,
    data: ReferenceDep,
) -> ReliefOut:
    """Approve as another person than the applicant; the money is reserved at once."""
    await use_cases.approve(
        uow, application_id, actor_of(caller, body.version), amount=body.amount_fen, on=today
    )
    return await _shown(uow.session, application_id, caller, data)


@router.post(f"{_APPLICATION}/refusal", summary="不予批准救助", responses=problems(404, 409))
async def refuse_relief(
    application_id: UUID,
    body: ReliefReasonsIn,
    caller: FundHead,
    uow: Uow,
    today: Today,
    data: ReferenceDep,
) -> ReliefOut:
    """Refuse with reasons, as another person than the applicant."""
    await use_cases.refuse(
        uow, application_id, actor_of(caller, body.version), reasons=body.reasons, on=today
    )
    return await _shown(uow.session, application_id, caller, data)


@router.post(f"{_APPLICATION}/payments", summary="发放救助", responses=problems(404, 409))
async def pay_relief(
    application_id: UUID,
    body: PaymentIn,
    caller: Officer,
    uow: Uow,
    today: Today,
    data: ReferenceDep,
) -> ReliefOut:
    """Note what was handed over, whole or in part; the same key counts once."""
    payment = Payment(
        key=body.key, amount=body.amount_fen, paid_on=body.paid_on, way=body.way,
        reference=body.reference, received=body.received,
    )  # fmt: skip
    await use_cases.pay(uow, application_id, actor_of(caller, body.version), payment, on=today)
    return await _shown(uow.session, application_id, caller, data)


@router.post(f"{_APPLICATION}/cancellation", summary="撤销救助", responses=problems(404, 409))
async def cancel_relief(
    application_id: UUID,
    body: ReliefReasonsIn,
    caller: Officer,
    uow: Uow,
    today: Today,
    data: ReferenceDep,
) -> ReliefOut:
    """End it; what was reserved and not paid goes back into the fund."""
    await use_cases.cancel(
        uow, application_id, actor_of(caller, body.version), reasons=body.reasons, on=today
    )
    return await _shown(uow.session, application_id, caller, data)


async def _shown(
    session: AsyncSession, application_id: UUID, caller: Caller, reference: Reference
) -> ReliefOut:
    row = await _seen(session, application_id, caller, reference)
    return ReliefOut(**shapes.relief(row, names_in(reference)))


async def _seen(
    session: AsyncSession, application_id: UUID, caller: Caller, reference: Reference
) -> Row[Any]:
    above = organs_above(caller, reference.organs)
    row = await lists.application(session, application_id, caller.scope.of_organs, above=above)
    if row is None:
        raise NotFound(NO_RELIEF)
    return row
