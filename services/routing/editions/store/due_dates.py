"""The due dates noted with open cases, for lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.due import Due
from services.routing.cases.store.cases import CASE
from services.routing.cases.store.tables import NO_DUE
from shared.db.many import one_of


class Noted(NamedTuple):
    """What a list sorts a case by: the day, and the limit it comes from."""

    on: date
    limit: str | None


def stored(due: Due | None) -> Noted:
    """How a due date is noted."""
    return Noted(due.on, due.limit_id) if due else Noted(NO_DUE, None)


async def of(session: AsyncSession, case_ids: Sequence[UUID]) -> dict[UUID, Noted]:
    """What is noted with these cases."""
    if not case_ids:
        return {}
    found = await session.execute(
        select(CASE.c.case_id, CASE.c.due_on, CASE.c.due_limit).where(
            one_of(session, CASE.c.case_id, sorted(case_ids))
        )
    )
    return {row.case_id: Noted(row.due_on, row.due_limit) for row in found}


async def set_for(session: AsyncSession, case_id: UUID, due: Due | None, *, version: int) -> None:
    """Note another date, unless somebody changed the case meanwhile and so noted one."""
    on, limit = stored(due)
    await session.execute(
        update(CASE)
        .where(CASE.c.case_id == case_id, CASE.c.version == version)
        .values(due_on=on, due_limit=limit)
    )
