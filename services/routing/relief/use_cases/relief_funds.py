"""Funds for relief: opened by the organ that keeps them, every change a line of the ledger."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row

from services.routing.relief.domain.relief import ConditionalRelief
from services.routing.relief.domain.relief_ledger import Entry
from services.routing.relief.domain.rules import packaged_relief_words
from services.routing.relief.store import relief as store
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.ids import new_id
from shared.workflow.entities import Actor

NO_FUND = "没有这笔资金"


class FundExists(Conflict):
    """The organ has a fund of that year and source already; credit that one."""

    code: ClassVar[str] = "fund_exists"


class KeyReused(Conflict):
    """The client's key stands for another entry or payment already."""

    code: ClassVar[str] = "key_reused"


async def open_fund(
    uow: UnitOfWork, actor: Actor, *, organ_code: str | None, year: int, source: str
) -> UUID:
    """A fund of the actor's organ, empty. Raises Invalid, FundExists."""
    organ = uow.reference.organs.get(own_organ(actor, organ_code))
    if organ is None:
        raise Invalid("没有这个机关单位", field="organ_code")
    if source not in packaged_relief_words().sources:
        raise Invalid("没有这种资金来源", field="source")
    fund_id = new_id()
    values = {
        "fund_id": fund_id, "organ_code": organ.code, "division_code": organ.division_code,
        "year": year, "source": source,
    }  # fmt: skip
    if not await store.new_fund(uow.session, values):
        raise FundExists("该年度该来源的资金已建立")
    uow.audit("relief_fund.opened", f"fund/{fund_id}", actor=actor.person, year=year, source=source)
    return fund_id


async def book(
    uow: UnitOfWork, fund_id: UUID, actor: Actor, entry: Entry, *, key: str, reason: str
) -> None:
    """Put money into a fund of the actor's organ or take it out. The same key again does nothing.

    Raises NotFound, FundShort, KeyReused."""
    check_words(reason)
    fund = await store.fund(uow.session, fund_id, lock=True)
    if fund is None or fund.organ_code not in actor.organs:
        raise NotFound(NO_FUND)
    made = await store.entry_of_key(uow.session, fund_id, key)
    if made is not None:
        if (made.kind, made.amount, made.reason) != (str(entry.kind), entry.amount, reason):
            raise KeyReused("该编号已用于另一笔记录")
        return
    await enter(uow, fund_id, actor, entry, key=key, reason=reason)


async def enter(
    uow: UnitOfWork,
    fund_id: UUID,
    actor: Actor,
    entry: Entry,
    *,
    application_id: UUID | None = None,
    key: str | None = None,
    reason: str | None = None,
) -> Row[Any]:
    """Take an entry into the sums and write its line; the fund as it is then. Raises FundShort."""
    fund = await store.move(uow.session, fund_id, entry)
    values = {
        "fund_id": fund_id, "ordinal": fund.version, "kind": str(entry.kind),
        "amount": entry.amount, "balance": fund.balance, "application_id": application_id,
        "key": key, "reason": reason, "made_by": actor.person, "made_at": uow.clock.now(),
    }  # fmt: skip
    await uow.session.execute(insert_into(uow.session, store.ENTRY).values(values))
    uow.audit(
        f"relief_fund.{entry.kind}", f"fund/{fund_id}", actor=actor.person,
        amount_fen=entry.amount, balance_fen=fund.balance, version=fund.version,
    )  # fmt: skip
    return fund


def own_organ(actor: Actor, organ_code: str | None) -> str:
    """The organ the actor speaks for: the one named, or the only one. Raises Invalid."""
    if organ_code is None and len(actor.organs) == 1:
        return next(iter(actor.organs))
    if organ_code is None or organ_code not in actor.organs:
        raise Invalid("请指明您任职的机关单位", field="organ_code")
    return organ_code


def check_words(*texts: str | None) -> None:
    """Raises ConditionalRelief when a text makes help depend on giving up a right."""
    word = packaged_relief_words().condition_in(*texts)
    if word is not None:
        raise ConditionalRelief(f"救助不得附加放弃权利的条件，请删去“{word}”")
