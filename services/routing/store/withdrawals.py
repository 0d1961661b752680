"""Withdrawals (撤回) as intake told them: of each petition the newest, whatever came first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from services.routing.store.tables import RoutingRow
from shared.db.engine import insert_into


class WithdrawalRow(RoutingRow, table=True):
    """How the withdrawal of one petition stands; `withdrawn_on` is None while it is revoked."""

    __tablename__ = "withdrawal"

    petition_id: UUID = Field(primary_key=True)
    epoch: int
    sequence: int
    withdrawn_on: date | None
    revocable_until: date | None


WITHDRAWAL = cast(Table, WithdrawalRow.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Standing:
    """All petitions of a case are withdrawn: since when, and the last day to take one back."""

    withdrawn_on: date
    revocable_until: date


async def keep(
    session: AsyncSession,
    petition_id: UUID,
    rank: tuple[int, int],
    *,
    withdrawn_on: date | None,
    revocable_until: date | None,
) -> None:
    """Note what was told, unless something newer was."""
    statement = insert_into(session, WITHDRAWAL).values(
        petition_id=petition_id, epoch=rank[0], sequence=rank[1],
        withdrawn_on=withdrawn_on, revocable_until=revocable_until,
    )  # fmt: skip
    new = statement.excluded
    newer = (WITHDRAWAL.c.epoch < new.epoch) | (
        (WITHDRAWAL.c.epoch == new.epoch) & (WITHDRAWAL.c.sequence < new.sequence)
    )
    names = ("epoch", "sequence", "withdrawn_on", "revocable_until")
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["petition_id"],
            set_={name: getattr(new, name) for name in names},
            where=newer,
        )
    )


async def standing(session: AsyncSession, petition_ids: Sequence[UUID]) -> Standing | None:
    """The withdrawal of a whole case: None while one of its petitions stands."""
    found = await session.execute(
        select(
            func.count(),
            func.max(WITHDRAWAL.c.withdrawn_on),
            func.max(WITHDRAWAL.c.revocable_until),
        ).where(WITHDRAWAL.c.petition_id.in_(petition_ids), WITHDRAWAL.c.withdrawn_on.is_not(None))
    )
    count, since, until = found.one()
    return Standing(since, until) if count and count == len(set(petition_ids)) else None
