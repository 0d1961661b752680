"""A petitioner's own withdrawal of a petition, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from services.intake.store.petitions import PETITION
from services.intake.store.tables import IntakeRow
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


async def withdrawal_of(
    session: AsyncSession, petition_id: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    """The withdrawal of a petition, revoked or not; `lock` holds the petition until the transaction
    ends, so two acts of one petitioner follow each other."""
    if lock:
        await session.execute(
            select(PETITION.c.id).where(PETITION.c.id == petition_id).with_for_update()
        )
    found = await session.execute(select(WITHDRAWAL).where(WITHDRAWAL.c.petition_id == petition_id))
    row = found.mappings().one_or_none()
    return {str(name): value for name, value in row.items()} if row else None


async def keep_withdrawal(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """Note how it stands now."""
    statement = insert_into(session, WITHDRAWAL).values(dict(row))
    changed = {name: value for name, value in row.items() if name != "petition_id"}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["petition_id"], set_=changed)
    )
