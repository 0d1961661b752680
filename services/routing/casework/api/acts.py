"""The acts of casework over HTTP: their routes, in bulk too, drafts that wait for approval, and
papers handed over."""

from __future__ import annotations

from functools import cache
from typing import Final
from uuid import UUID

from fastapi import APIRouter

from services.routing.cases.store import lists, proposals
from services.routing.cases.store.proposals import PROPOSAL
from services.routing.casework.acts import CASES
from services.routing.casework.api import views
from services.routing.casework.api.schemas import (
    CaseAfter,
    NoticeOut,
    ProposalOut,
    TellingIn,
    WaitingProposal,
)
from services.routing.casework.use_cases.flow import keep, open_case
from services.routing.common.api.callers import Head, Officer
from services.routing.papers.use_cases import notices
from shared.kernel.errors import Forbidden
from shared.web.deps import Reading, ReferenceDep, Today, Uow
from shared.web.paging import CursorText, Limit, Page, cut_page, encode_cursor, moment_key
from shared.web.problems import problems
from shared.web.security import organs_above
from shared.workflow.approval import of_entity
from shared.workflow.bulk import bulk_routes
from shared.workflow.routes import Edge, act_routes, actor_of

EDGE: Final = Edge(
    item="/cases/{case_id}",
    key="case_id",
    caller=Officer,
    head=Head,
    answer=CaseAfter,
    view=views.after_act,
)
router = APIRouter(tags=["acts"], responses=problems(404, 409))


@cache
def act_router() -> APIRouter:
    """The routes of the acts, made of the table and therefore not at import."""
    made = APIRouter(tags=["acts"], responses=problems(404, 409))
    made.include_router(act_routes(CASES, EDGE))
    return made


@cache
def bulk_router() -> APIRouter:
    """Those of the acts that are done to many cases."""
    return bulk_routes(CASES, EDGE, many="cases")


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
    rows = await of_entity(CASES, uow.session, case_id)
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
