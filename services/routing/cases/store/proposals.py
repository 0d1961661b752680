"""Drafts of cases that wait for approval (拟办意见), as the head's list shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.case import Case
from services.routing.cases.store.cases import CASE
from services.routing.cases.store.tables import WORK
from shared.db.unit_of_work import UnitOfWork
from shared.workflow.tables import OPEN, declared

PROPOSAL = declared(WORK.proposal)


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


async def mark(uow: UnitOfWork, case: Case, act: str | None) -> None:
    """Note in the case which act waits: only a mark for lists, so no version and no event."""
    case.awaits = act
    await uow.session.execute(update(CASE).where(CASE.c.case_id == case.case_id).values(awaits=act))
