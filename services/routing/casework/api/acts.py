"""The acts of casework over HTTP, one route for each; an illegal one answers 409 with what is
allowed, one that waits for the head of the office (签批) 202 with the proposal.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.routing.cases.store import lists, proposals
from services.routing.cases.store.proposals import PROPOSAL
from services.routing.casework.acts import ACTS
from services.routing.casework.acts.frame import ActSpec, perform, settle_proposal
from services.routing.casework.api import views
from services.routing.casework.api.schemas import (
    ApprovalIn,
    CaseAfter,
    NoticeOut,
    ProposalOut,
    TellingIn,
    WaitingProposal,
)
from services.routing.casework.use_cases.acting import keep, open_case
from services.routing.common.api.callers import Head, Officer, actor_of
from services.routing.papers.use_cases import notices
from shared.kernel.errors import Forbidden
from shared.web.deps import Reading, ReferenceDep, Today, Uow
from shared.web.paging import CursorText, Limit, Page, cut_page, encode_cursor, moment_key
from shared.web.problems import problems
from shared.web.security import organs_above

router = APIRouter(tags=["acts"], responses=problems(404, 409))
WAITS = {202: {"model": CaseAfter, "description": "已拟办，待本机关负责人签批"}}


def _add(spec: ActSpec) -> None:
    async def do(
        case_id: UUID, body: Any, caller: Officer, uow: Uow, today: Today, data: ReferenceDep,
        response: Response,
    ) -> CaseAfter:  # fmt: skip
        actor = actor_of(caller, body.version)
        done = await perform(uow, case_id, actor, spec, body, on=today)
        if done.proposal_id is not None:
            response.status_code = 202
        return views.after(done.case, data, proposal_id=done.proposal_id)

    do.__name__ = spec.run.__name__
    do.__doc__ = spec.run.__doc__
    do.__annotations__["body"] = spec.body
    router.add_api_route(
        f"/cases/{{case_id}}/{spec.path}", do, methods=["POST"], summary=spec.summary,
        response_model=CaseAfter, responses=WAITS,  # type: ignore[arg-type]
    )  # fmt: skip


for each in ACTS.values():
    _add(each)


@router.post("/cases/{case_id}/approval", summary="签批拟办意见")
async def approve_proposal(
    case_id: UUID, body: ApprovalIn, caller: Head, uow: Uow, today: Today, data: ReferenceDep
) -> CaseAfter:
    """The head approves what an officer drafted, and it is done; or gives it back with reasons."""
    actor = actor_of(caller, body.version)
    case = await settle_proposal(
        uow, case_id, actor, approved=body.approved, reasons=body.reasons, on=today
    )
    return views.after(case, data)


@router.get("/approvals", summary="待签批")
async def list_approvals(
    caller: Head,
    session: Reading,
    data: ReferenceDep,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[WaitingProposal]:
    """What waits for the head's approval, longest waiting first."""
    rows = await proposals.waiting(
        session,
        caller.scope.of_organs(PROPOSAL.c.organ_code)
        & lists.not_hidden(organs_above(caller, data.organs)),
        after=moment_key(cursor) if cursor else None,
        limit=limit + 1,
    )
    shown, more = cut_page(rows, limit)
    following = None
    if more:
        following = encode_cursor(shown[-1].proposed_at.isoformat(), shown[-1].proposal_id)
    return Page(items=[views.waiting_proposal(row) for row in shown], next=following)


@router.get("/cases/{case_id}/proposals", summary="拟办与签批", responses=problems(404))
async def list_proposals(case_id: UUID, caller: Officer, uow: Uow) -> Page[ProposalOut]:
    """What was drafted in a case, and what became of it; only for the office that drafted it."""
    await open_case(uow, case_id, actor_of(caller, None))
    rows = await proposals.of_case(uow.session, case_id)
    mine = [row for row in rows if row.organ_code in caller.scope.organs]
    return Page(items=[views.proposal(row) for row in mine], next=None)


@router.post("/cases/{case_id}/notices/{ordinal}/delivery", summary="登记文书送达")
async def tell_notice(
    case_id: UUID, ordinal: int, body: TellingIn, caller: Officer, uow: Uow, today: Today
) -> NoticeOut:
    """Record that a paper reached the petitioner, and how that is proved."""
    actor = actor_of(caller, body.version)
    case = await open_case(uow, case_id, actor)
    notice = notices.tell(case, ordinal, method=str(body.method), proof=body.proof, on=today)
    if notice.organ_code not in actor.organs:
        raise Forbidden("应由出具文书的机关登记")
    await keep(uow, case, actor, did="notice_told")
    return views.notice(notice)
