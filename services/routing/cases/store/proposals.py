"""Acts that wait for approval (拟办意见): at most one open of a case, and one of each assisting
organ's part in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import Act
from services.routing.cases.store.cases import CASE
from services.routing.tables import ProposalRow
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict

PROPOSAL = cast(Table, ProposalRow.__table__)  # type: ignore[attr-defined]
OF_PARTS = (Act.ANSWER_PART,)
"""Drafts of organs that do not have the case; they keep nobody from acting in it."""
OPEN, APPROVED, RETURNED, VOID = "open", "approved", "returned", "void"


class ProposalOpen(Conflict):
    """Another act of the case, or of the organ in it, waits for approval; settle it first."""

    code = "proposal_open"


async def add(uow: UnitOfWork, case: Case, proposal_id: UUID, **values: Any) -> None:
    """Store a proposal. Raises ProposalOpen when the case or its organ has one; the caller holds
    the lock of the case."""
    of_part = values["act"] in OF_PARTS
    own = await open_of(uow.session, case.case_id, (values["organ_code"],))
    if own is not None or (case.awaits is not None and not of_part):
        raise ProposalOpen("已有待签批的拟办意见")
    row = {
        "proposal_id": proposal_id,
        "case_id": case.case_id,
        "state": OPEN,
        "proposed_at": uow.clock.now(),
        "settled_by": None,
        "settled_at": None,
        "reasons": "",
    }
    await uow.session.execute(PROPOSAL.insert().values(row | values))
    if not of_part:
        await _await(uow, case, values["act"])


async def open_of(session: AsyncSession, case_id: UUID, organs: Collection[str]) -> Row[Any] | None:
    """The open proposal of one of these organs in a case, the oldest of several."""
    query = select(PROPOSAL).where(
        PROPOSAL.c.case_id == case_id,
        PROPOSAL.c.state == OPEN,
        PROPOSAL.c.organ_code.in_(sorted(organs)),
    )
    order = (PROPOSAL.c.proposed_at, PROPOSAL.c.proposal_id)
    return (await session.execute(query.order_by(*order).limit(1))).one_or_none()


async def of_case(session: AsyncSession, case_id: UUID) -> Sequence[Row[Any]]:
    """All proposals of a case, first to last."""
    query = select(PROPOSAL).where(PROPOSAL.c.case_id == case_id)
    order = (PROPOSAL.c.proposed_at, PROPOSAL.c.proposal_id)
    return (await session.execute(query.order_by(*order))).all()


async def waiting(
    session: AsyncSession,
    of_organs: ColumnElement[bool],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Open proposals with the numbers of their cases, longest waiting first."""
    query = (
        select(PROPOSAL, CASE.c.number, CASE.c.title)
        .join(CASE, CASE.c.case_id == PROPOSAL.c.case_id)
        .where(PROPOSAL.c.state == OPEN, of_organs)
        .order_by(PROPOSAL.c.proposed_at, PROPOSAL.c.proposal_id)
        .limit(limit)
    )
    if after is not None:
        key = tuple_(PROPOSAL.c.proposed_at, PROPOSAL.c.proposal_id)
        query = query.where(key > tuple_(*after))
    return (await session.execute(query)).all()


async def settle(
    uow: UnitOfWork, proposal_id: UUID, *, approved: bool, by: str, reasons: str
) -> None:
    """Approved or given back."""
    await uow.session.execute(
        update(PROPOSAL)
        .where(PROPOSAL.c.proposal_id == proposal_id)
        .values(
            state=APPROVED if approved else RETURNED,
            settled_by=by,
            settled_at=uow.clock.now(),
            reasons=reasons,
        )
    )


async def void(uow: UnitOfWork, case: Case, act: Act) -> None:
    """The case moved on: what waited for approval waits no more. An approved one stays so.

    An assisting organ's draft waits on while its part is open, whatever the lead does; and what it
    does leaves the lead's draft alone."""
    still = sorted(part.organ_code for part in case.parts if part.is_open)
    gone = PROPOSAL.c.act.in_(OF_PARTS) & PROPOSAL.c.organ_code.not_in(still)
    if act not in OF_PARTS:
        gone |= PROPOSAL.c.act.not_in(OF_PARTS)
        case.awaits = None
    await uow.session.execute(
        update(PROPOSAL)
        .where(PROPOSAL.c.case_id == case.case_id, PROPOSAL.c.state == OPEN, gone)
        .values(state=VOID, settled_at=uow.clock.now())
    )


async def no_longer_awaits(uow: UnitOfWork, case: Case, act: str) -> None:
    """The case is free for another act."""
    if act not in OF_PARTS:
        await _await(uow, case, None)


async def _await(uow: UnitOfWork, case: Case, act: str | None) -> None:
    """Only a mark for lists: no change of the case, so no version and no event."""
    case.awaits = act
    await uow.session.execute(update(CASE).where(CASE.c.case_id == case.case_id).values(awaits=act))
