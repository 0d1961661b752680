"""Relief in the database: funds that never go below zero, applications, payments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Row, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store.cases import StaleVersion
from services.routing.relief.domain.relief import Relief
from services.routing.relief.domain.relief_ledger import Entry, FundShort, Sums
from services.routing.relief.store.tables import EntryRow, FundRow, PaymentRow, ReliefRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.help import ReliefKind, ReliefState

FUND = cast(Table, FundRow.__table__)  # type: ignore[attr-defined]
ENTRY = cast(Table, EntryRow.__table__)  # type: ignore[attr-defined]
RELIEF = cast(Table, ReliefRow.__table__)  # type: ignore[attr-defined]
PAYMENT = cast(Table, PaymentRow.__table__)  # type: ignore[attr-defined]

_KEPT = (
    *("application_id", "case_id", "fund_id", "organ_code", "asked", "approved", "given"),
    *("applied_by", "decided_by", "applied_on", "decided_on", "ended_on", "version"),
)


async def new_fund(session: AsyncSession, values: dict[str, Any]) -> bool:
    """Store an empty fund; False when the organ has one of that year and source already."""
    found = await session.scalar(
        insert_into(session, FUND)
        .values(values | {"deposited": 0, "reserved": 0, "paid": 0, "balance": 0, "version": 1})
        .on_conflict_do_nothing(index_elements=["organ_code", "year", "source"])
        .returning(FUND.c.fund_id)
    )
    return found is not None


async def fund(session: AsyncSession, fund_id: UUID, *, lock: bool = False) -> Row[Any] | None:
    """A fund, None when there is none; `lock` keeps other entries away until the end."""
    query = select(FUND).where(FUND.c.fund_id == fund_id)
    return (await session.execute(query.with_for_update() if lock else query)).one_or_none()


async def move(session: AsyncSession, fund_id: UUID, entry: Entry) -> Row[Any]:
    """Take an entry into a fund's sums; the fund as it is then.

    One statement decides and writes, so whoever comes at the same time is decided on by what the
    first left. Raises FundShort."""
    change = Sums().change(entry)
    columns = (FUND.c.deposited, FUND.c.reserved, FUND.c.paid, FUND.c.balance)
    by = (change.deposited, change.reserved, change.paid, change.balance)
    moved: Row[Any] | None = (
        await session.execute(
            update(FUND)
            .where(FUND.c.fund_id == fund_id)
            .where(FUND.c.balance + change.balance >= 0, FUND.c.reserved + change.reserved >= 0)
            .values({c: c + n for c, n in zip(columns, by, strict=True)})
            .values(version=FUND.c.version + 1)
            .returning(FUND)
        )
    ).one_or_none()
    if moved is None:
        raise FundShort("资金余额不足")
    return moved


async def entry_of_key(session: AsyncSession, fund_id: UUID, key: str) -> Row[Any] | None:
    """The entry a client made under its key."""
    query = select(ENTRY).where(ENTRY.c.fund_id == fund_id, ENTRY.c.key == key)
    return (await session.execute(query)).one_or_none()


async def load(
    session: AsyncSession, application_id: UUID, *, lock: bool = False
) -> tuple[Relief, str] | None:
    """An application and the organ that keeps its fund, None when there is none; `lock` as in
    `cases.load`."""
    query = (
        select(RELIEF, FUND.c.organ_code.label("keeper"))
        .join(FUND, FUND.c.fund_id == RELIEF.c.fund_id)
        .where(RELIEF.c.application_id == application_id)
    )
    row = (await session.execute(query.with_for_update(of=RELIEF) if lock else query)).one_or_none()
    return None if row is None else (relief_of(row), row.keeper)


def relief_of(row: Any) -> Relief:
    """An application of its row."""
    return Relief(
        **{name: getattr(row, name) for name in _KEPT},
        kind=ReliefKind(row.kind),
        state=ReliefState(row.state),
    )


def values_of(relief: Relief) -> dict[str, Any]:
    """An application as columns, without its words."""
    return {name: getattr(relief, name) for name in _KEPT} | {
        "kind": str(relief.kind), "state": str(relief.state),
    }  # fmt: skip


async def save(uow: UnitOfWork, relief: Relief, **words: str) -> None:
    """Store a changed application under its next version. Raises StaleVersion."""
    before = relief.version
    relief.version += 1
    changed = await uow.session.execute(
        update(RELIEF)
        .where(RELIEF.c.application_id == relief.application_id, RELIEF.c.version == before)
        .values(**values_of(relief), **words, changed_at=uow.clock.now())
    )
    if cast(CursorResult[Any], changed).rowcount != 1:
        raise StaleVersion("申请已被他人更新，请刷新后再试")


async def payment_of_key(session: AsyncSession, application_id: UUID, key: str) -> Row[Any] | None:
    """The payment a client made under its key."""
    query = select(PAYMENT).where(PAYMENT.c.application_id == application_id, PAYMENT.c.key == key)
    return (await session.execute(query)).one_or_none()


async def add_payment(
    session: AsyncSession, application_id: UUID, values: dict[str, Any], now: datetime
) -> None:
    """Note a payment as the next of its application, which the caller has locked."""
    last = select(func.coalesce(func.max(PAYMENT.c.ordinal), 0)).where(
        PAYMENT.c.application_id == application_id
    )
    await session.execute(
        insert_into(session, PAYMENT).values(
            **values,
            application_id=application_id,
            ordinal=last.scalar_subquery() + 1,
            made_at=now,
        )
    )
