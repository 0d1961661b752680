"""The stored reasons of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store.mapping import decision_values
from services.routing.cases.store.tables import DecisionRow
from services.routing.jurisdiction.domain.decision import Decision
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork

DECISION = cast(Table, DecisionRow.__table__)  # type: ignore[attr-defined]


async def add(uow: UnitOfWork, case_id: UUID, decision: Decision) -> None:
    """Store the next decision of a case."""
    last = await uow.session.scalar(
        select(func.max(DECISION.c.ordinal)).where(DECISION.c.case_id == case_id)
    )
    await uow.session.execute(
        insert_into(uow.session, DECISION).values(
            case_id=case_id,
            ordinal=(last or 0) + 1,
            decided_at=uow.clock.now(),
            **decision_values(decision, []),
        )
    )


async def of_case(session: AsyncSession, case_id: UUID) -> Sequence[Any]:
    """All decisions of a case, first to last."""
    query = select(DECISION).where(DECISION.c.case_id == case_id).order_by(DECISION.c.ordinal)
    return (await session.execute(query)).all()
