"""A petitioner's own withdrawal of a petition, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from services.intake.petitions.store.petitions import PETITION, PROGRESS, STEP
from services.intake.tables import IntakeRow
from shared.db.engine import insert_into


class WithdrawalRow(IntakeRow, table=True):
    """撤回 of one petition; `version` counts withdrawing and revoking. No reason is asked for.

    `withdrawn_on` is None while it is revoked."""

    __tablename__ = "withdrawal"

    petition_id: UUID = Field(primary_key=True)
    version: int
    withdrawn_on: date | None
    revocable_until: date | None


WITHDRAWAL = cast(Table, WithdrawalRow.__table__)  # type: ignore[attr-defined]


async def withdrawal_of(session: AsyncSession, petition_id: UUID) -> dict[str, Any] | None:
    """The withdrawal of a petition, None without one. One made before its case was taken up again
    has had its effect: it is shown as taken back."""
    reopened = exists().where(
        STEP.c.petition_id == WITHDRAWAL.c.petition_id,
        STEP.c.kind == "reopen",
        STEP.c.happened_on > WITHDRAWAL.c.withdrawn_on,
    )
    found = await session.execute(
        select(WITHDRAWAL, reopened.label("over")).where(WITHDRAWAL.c.petition_id == petition_id)
    )
    row = found.mappings().one_or_none()
    if row is None:
        return None
    known = {column.name: row[column.name] for column in WITHDRAWAL.c}
    return known | {"withdrawn_on": None, "revocable_until": None} if row["over"] else known


async def locked_petition(session: AsyncSession, petition_id: UUID) -> Mapping[str, Any]:
    """What the petition is now, held until the transaction ends: two acts of one petitioner, or an
    act and an un-sealing, follow each other."""
    found = await session.execute(
        select(PETITION, PROGRESS.c.state)
        .outerjoin(PROGRESS, PROGRESS.c.petition_id == PETITION.c.id)
        .where(PETITION.c.id == petition_id)
        .with_for_update(of=PETITION)
    )
    return {str(name): value for name, value in found.mappings().one().items()}


async def keep_withdrawal(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Note how it stands now."""
    statement = insert_into(session, WITHDRAWAL).values(dict(row))
    changed = {name: value for name, value in row.items() if name != "petition_id"}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["petition_id"], set_=changed)
    )
