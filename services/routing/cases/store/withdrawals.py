"""Withdrawals (撤回) as intake told them: of each petition the newest, whatever came first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from services.routing.cases.domain.withdrawal import Withdrawal
from services.routing.tables import RoutingRow
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


def of_case(petitions: Sequence[Any], *, since: date | None) -> Withdrawal | None:
    """The withdrawal of a whole case from its petitions with theirs: None while one stands. What
    was withdrawn before the case was taken up again (`since`) has had its effect."""
    days = [
        (row.withdrawn_on, row.revocable_until)
        for row in petitions
        if row.withdrawn_on and (since is None or row.withdrawn_on >= since)
    ]
    if not days or len(days) < len(petitions):
        return None
    return Withdrawal(max(since for since, _ in days), max(until for _, until in days))
