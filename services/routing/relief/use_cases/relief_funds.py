"""Funds for relief: opened by the organ that keeps them, every change a line of the ledger."""

from __future__ import annotations

from uuid import UUID

from services.routing.common.use_cases.posts import own_organ
from services.routing.relief.domain.relief_ledger import Booking, Entry, Fund, FundExists
from services.routing.relief.store import relief as store
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.workflow.entities import Actor

NO_FUND = "没有这笔资金"


async def open_fund(
    uow: UnitOfWork, actor: Actor, *, organ_code: str | None, year: int, source: str
) -> Fund:
    """A fund of the actor's organ, empty. Raises FundExists and what `Fund.open` raises."""
    organ = uow.reference.organs.get(own_organ(actor, organ_code))
    fund = Fund.open(new_id(), organ, year=year, source=source)
    if not await store.new_fund(uow.session, fund):
        raise FundExists("该年度该来源的资金已建立")
    uow.audit(
        "relief_fund.opened", f"fund/{fund.fund_id}", actor=actor.person, year=year, source=source
    )
    return fund


async def book(uow: UnitOfWork, fund_id: UUID, actor: Actor, booking: Booking) -> Fund:
    """Put money into a fund of the actor's organ or take it out; the fund then. The same key again
    does nothing. Raises NotFound, FundShort and what `Fund.is_booked` raises."""
    fund = await store.fund(uow.session, fund_id, lock=True)
    if fund is None or fund.organ_code not in actor.organs:
        raise NotFound(NO_FUND)
    made = await store.booking_of_key(uow.session, fund_id, booking.key)
    if fund.is_booked(booking, made):
        return fund
    return await enter(
        uow, fund_id, booking.entry, by=actor.person, key=booking.key, reason=booking.reason
    )


async def enter(
    uow: UnitOfWork,
    fund_id: UUID,
    entry: Entry,
    *,
    by: str,
    application_id: UUID | None = None,
    key: str | None = None,
    reason: str | None = None,
) -> Fund:
    """Take an entry into the sums and write its line; the fund as it is then. Raises FundShort."""
    fund = await store.move(uow.session, fund_id, entry)
    balance = fund.sums.balance
    values = {
        "fund_id": fund_id, "ordinal": fund.version, "kind": str(entry.kind),
        "amount": entry.amount, "balance": balance, "application_id": application_id,
        "key": key, "reason": reason, "made_by": by, "made_at": uow.clock.now(),
    }  # fmt: skip
    await uow.session.execute(insert_into(uow.session, store.ENTRY).values(values))
    uow.audit(
        f"relief_fund.{entry.kind}", f"fund/{fund_id}", actor=by,
        amount_fen=entry.amount, balance_fen=balance, version=fund.version,
    )  # fmt: skip
    return fund
