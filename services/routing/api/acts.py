"""The steps of casework over HTTP; an illegal one answers 409 with what is allowed."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from services.routing.api import views
from services.routing.api.callers import Officer, actor_of
from services.routing.api.schemas import (
    AcceptanceIn,
    AnswerIn,
    CaseAfter,
    DecisionIn,
    DeliveryIn,
    ObjectionIn,
    VerdictIn,
)
from services.routing.domain.decision import DecisionKind
from services.routing.use_cases import acting, deciding
from shared.reference.divisions import normalise_code
from shared.web.deps import ReferenceDep, Today, Uow
from shared.web.problems import problems

router = APIRouter(tags=["acts"], responses=problems(404, 409))


@router.post("/cases/{case_id}/decision", summary="确定去向（转送、交办、自办、引导）")
async def decide_case(
    case_id: UUID, body: DecisionIn, caller: Officer, uow: Uow, today: Today, data: ReferenceDep
) -> CaseAfter:
    """Settle a case that needs a person."""
    choice = deciding.Choice(
        kind=DecisionKind(str(body.kind)),
        note=body.note,
        organ_code=body.organ_code,
        division_code=normalise_code(body.division_code) if body.division_code else None,
        category_code=body.category_code,
        purpose=str(body.purpose) if body.purpose else None,
        assigned_due_on=body.assigned_due_on,
    )
    actor = actor_of(caller, body.version)
    return views.after(await deciding.decide(uow, case_id, actor, choice, on=today), data)


@router.post("/cases/{case_id}/acceptance", summary="受理")
async def accept_case(
    case_id: UUID, body: AcceptanceIn, caller: Officer, uow: Uow, today: Today, data: ReferenceDep
) -> CaseAfter:
    """Accept the case; the handling limit runs from today (Art. 34)."""
    actor = actor_of(caller, body.version)
    return views.after(await acting.accept(uow, case_id, actor, on=today), data)


@router.post("/cases/{case_id}/objection", summary="提出异议")
async def object_to_case(
    case_id: UUID, body: ObjectionIn, caller: Officer, uow: Uow, today: Today, data: ReferenceDep
) -> CaseAfter:
    """Object within five working days, with detailed reasons (Art. 23(3))."""
    actor = actor_of(caller, body.version)
    case = await acting.object_to(uow, case_id, actor, reasons=body.reasons, on=today)
    return views.after(case, data)


@router.post("/cases/{case_id}/verdict", summary="核实异议")
async def judge_objection(
    case_id: UUID, body: VerdictIn, caller: Officer, uow: Uow, today: Today, data: ReferenceDep
) -> CaseAfter:
    """Uphold an objection (the case needs a new destination) or refuse it (it must be accepted)."""
    case = await acting.judge(
        uow, case_id, actor_of(caller, body.version),
        upheld=body.upheld, reasons=body.reasons, on=today,
    )  # fmt: skip
    return views.after(case, data)


@router.post("/cases/{case_id}/answer", summary="出具处理意见")
async def answer_case(
    case_id: UUID, body: AnswerIn, caller: Officer, uow: Uow, today: Today, data: ReferenceDep
) -> CaseAfter:
    """Issue the written opinion (Art. 32)."""
    case = await acting.answer(
        uow, case_id, actor_of(caller, body.version),
        opinion=body.opinion, text=body.text, legal_basis=body.legal_basis, on=today,
    )  # fmt: skip
    return views.after(case, data)


@router.post("/cases/{case_id}/delivery", summary="送达或告知")
async def deliver_case(
    case_id: UUID, body: DeliveryIn, caller: Officer, uow: Uow, today: Today, data: ReferenceDep
) -> CaseAfter:
    """Note that the opinion was delivered, or that the petitioner was told where to go."""
    actor = actor_of(caller, body.version)
    case = await acting.deliver(uow, case_id, actor, method=str(body.method), on=today)
    return views.after(case, data)
