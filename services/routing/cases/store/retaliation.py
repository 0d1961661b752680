"""Sealed reports of retaliation (打击报复), and the matters they keep open (Art. 30(3)).

Nothing of their content is known here. Whether a report is open is not stored: it is until a person
made a case of it and that case has ended.
"""

from __future__ import annotations

from typing import cast
from uuid import UUID

from sqlalchemy import Table, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from services.routing.cases.domain.case_steps import ENDED
from services.routing.cases.store.tables import CaseRow
from services.routing.tables import RoutingRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork


class RetaliationRow(RoutingRow, table=True):
    """A report about `matter_id`; `own_matter_id` once a person has un-sealed it."""

    __tablename__ = "retaliation_report"

    sealed_id: UUID = Field(primary_key=True)
    matter_id: UUID = Field(index=True)
    own_matter_id: UUID | None


REPORT = cast(Table, RetaliationRow.__table__)  # type: ignore[attr-defined]
_CASE = cast(Table, CaseRow.__table__)  # type: ignore[attr-defined]


async def keep(
    uow: UnitOfWork, sealed_id: UUID, matter_id: UUID, *, own_matter_id: UUID | None = None
) -> None:
    """Note a report, or what it became; the order in which both are heard of does not matter."""
    row = {"sealed_id": sealed_id, "matter_id": matter_id, "own_matter_id": own_matter_id}
    statement = insert_into(uow.session, REPORT).values(row)
    if own_matter_id is None:
        statement = statement.on_conflict_do_nothing()
    else:
        statement = statement.on_conflict_do_update(
            index_elements=["sealed_id"], set_={"own_matter_id": own_matter_id}
        )
    await uow.session.execute(statement)


async def is_open(session: AsyncSession, matter_id: UUID) -> bool:
    """Whether a report about a matter is not dealt with yet."""
    ended = exists().where(
        _CASE.c.matter_id == REPORT.c.own_matter_id,
        _CASE.c.state.in_([str(state) for state in ENDED]),
    )
    query = select(exists().where(REPORT.c.matter_id == matter_id, ~ended))
    return bool(await session.scalar(query))
