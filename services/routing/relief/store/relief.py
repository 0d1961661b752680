"""Relief in the database: funds that never go below zero, applications, payments."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Row, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store import cases
from services.routing.relief.domain.relief import (
    Payment,
    Relief,
)
from services.routing.relief.domain.relief_ledger import (
    Booking,
    Entry,
    Fund,
    FundShort,
    Sums,
)
from services.routing.relief.store.tables import (
    RELIEF_WORKFLOW,
    EntryRow,
    FundRow,
    PaymentRow,
    ReliefRow,
)
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.relief import EntryKind, ReliefAct, ReliefKind, ReliefState
from shared.workflow.entities import StaleVersion
from shared.workflow.journal import Journal
from shared.workflow.journals import acts_of, add_fresh

FUND = cast(Table, FundRow.__table__)  # type: ignore[attr-defined]
ENTRY = cast(Table, EntryRow.__table__)  # type: ignore[attr-defined]
RELIEF = cast(Table, ReliefRow.__table__)  # type: ignore[attr-defined]
PAYMENT = cast(Table, PaymentRow.__table__)  # type: ignore[attr-defined]

_OF_FUND = ("fund_id", "organ_code", "division_code", "year", "source", "version")
_OF_PAYMENT = tuple(each.name for each in fields(Payment))
_ELSEWHERE = frozenset(("keeper", "awaits", "case", "payments", "journal"))
"""Of an application, not on its row: of its fund, its case, on rows of their own."""
_OF_RELIEF = tuple(each.name for each in fields(Relief) if each.name not in _ELSEWHERE)


async def new_fund(session: AsyncSession, fund: Fund) -> bool:
    """Store an empty fund; False when the organ has one of that year and source already."""
    found = await session.scalar(
        insert_into(session, FUND)
        .values({name: getattr(fund, name) for name in _OF_FUND})
        .values(**asdict(fund.sums), balance=fund.sums.balance)
        .on_conflict_do_nothing(index_elements=["organ_code", "year", "source"])
        .returning(FUND.c.fund_id)
    )
    return found is not None


async def fund(session: AsyncSession, fund_id: UUID, *, lock: bool = False) -> Fund | None:
    """A fund, None when there is none; `lock` keeps other entries away until the end."""
    query = select(FUND).where(FUND.c.fund_id == fund_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else fund_of(row)


def fund_of(row: Any) -> Fund:
    """A fund of its row."""
    sums = Sums(row.deposited, row.reserved, row.paid)
    return Fund(**{name: getattr(row, name) for name in _OF_FUND}, sums=sums)


async def move(session: AsyncSession, fund_id: UUID, entry: Entry) -> Fund:
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
    return fund_of(moved)


async def booking_of_key(session: AsyncSession, fund_id: UUID, key: str) -> Booking | None:
    """What a client booked under its key."""
    query = select(ENTRY).where(ENTRY.c.fund_id == fund_id, ENTRY.c.key == key)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    return Booking(Entry(EntryKind(row.kind), row.amount), key, row.reason)


async def load(session: AsyncSession, application_id: UUID, *, lock: bool = False) -> Relief | None:
    """An application with what was handed over, None when there is none; `lock` as in
    `cases.load`."""
    query = (
        select(RELIEF, FUND.c.organ_code.label("keeper"))
        .join(FUND, FUND.c.fund_id == RELIEF.c.fund_id)
        .where(RELIEF.c.application_id == application_id)
    )
    row = (await session.execute(query.with_for_update(of=RELIEF) if lock else query)).one_or_none()
    if row is None:
        return None
    relief = relief_of(row)
    relief.case = await cases.load(session, relief.case_id)
    relief.journal = Journal(await acts_of(session, RELIEF_WORKFLOW, application_id, ReliefAct))
    columns = (PAYMENT.c[name] for name in _OF_PAYMENT)
    paid = select(*columns).where(PAYMENT.c.application_id == application_id)
    for made in await session.execute(paid.order_by(PAYMENT.c.ordinal)):
        relief.payments.append(Payment(*made))
    return relief


def relief_of(row: Any) -> Relief:
    """An application of its row, without what was handed over."""
    plain = {name: getattr(row, name) for name in _OF_RELIEF} | {"keeper": row.keeper}
    return Relief(**plain | {"kind": ReliefKind(row.kind), "state": ReliefState(row.state)})


async def save(uow: UnitOfWork, relief: Relief) -> None:
    """Store a new or changed application under its next version, with its new acts.

    Raises StaleVersion."""
    before = relief.version
    relief.version += 1
    values = {name: getattr(relief, name) for name in _OF_RELIEF}
    values |= {"kind": str(relief.kind), "state": str(relief.state)}
    values["changed_at"] = uow.clock.now()
    kept = (
        update(RELIEF)
        .where(RELIEF.c.application_id == relief.application_id, RELIEF.c.version == before)
        .values(values)
        if before
        else insert_into(uow.session, RELIEF).values(values)
    )
    done = cast(CursorResult[Any], await uow.session.execute(kept))
    if done.rowcount != 1:
        raise StaleVersion("申请已被他人更新，请刷新后再试", version=before)
    add_fresh(uow, RELIEF_WORKFLOW, relief)


async def add_payment(uow: UnitOfWork, relief: Relief, *, by: str) -> None:
    """Note the newest payment of an application, which the caller has locked."""
    values = asdict(relief.payments[-1]) | {
        "application_id": relief.application_id, "ordinal": len(relief.payments), "made_by": by,
        "made_at": uow.clock.now(),
    }  # fmt: skip
    await uow.session.execute(insert_into(uow.session, PAYMENT).values(values))
