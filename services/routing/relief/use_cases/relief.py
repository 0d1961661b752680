"""The steps of relief in a case: apply, approve or refuse, pay, cancel. The case stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.routing.cases.domain.accused import is_hidden_from
from services.routing.cases.domain.case import Case
from services.routing.cases.store import cases
from services.routing.casework.use_cases.acting import has_to_do_with, involved
from services.routing.common.use_cases.actor import Actor
from services.routing.relief.domain.relief import Relief
from services.routing.relief.domain.relief_ledger import Entry
from services.routing.relief.domain.rules import packaged_relief_words
from services.routing.relief.store import relief as store
from services.routing.relief.use_cases.relief_funds import KeyReused, check_words, enter
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, Invalid, NotFound
from shared.kernel.ids import new_id
from shared.vocabulary.help import ReliefAct, ReliefKind

NO_RELIEF = "没有这项救助申请"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `amount` in 分; of help in kind its estimated value."""

    fund_id: UUID
    kind: ReliefKind
    amount: int
    description: str | None
    reasons: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over at one time. `amount` in 分, `received` in the words of the giver."""

    key: str
    amount: int
    paid_on: date
    way: str
    reference: str | None
    received: str | None


async def apply(uow: UnitOfWork, case_id: UUID, actor: Actor, wanted: Wanted, *, on: date) -> UUID:
    """Ask for relief in a case, open or closed (Art. 37(3)). The fund must be of an organ involved
    in the case, or of the division of the case or one above it.

    Raises NotFound for a case the actor's organs have nothing to do with, Invalid,
    ConditionalRelief.
    """
    case = await cases.load(uow.session, case_id)
    if case is None or not has_to_do_with(case, actor, uow.reference):
        raise NotFound("没有这个办件")
    organs = actor.organs & involved(case)
    check_words(wanted.reasons, wanted.description)
    if wanted.kind is ReliefKind.IN_KIND and not wanted.description:
        raise Invalid("请写明实物或服务的内容", field="description")
    fund = await store.fund(uow.session, wanted.fund_id)
    if fund is None or not _serves(uow, fund, case):
        raise Invalid("没有可用于本办件的这笔资金", field="fund_id")
    relief = Relief(
        application_id=new_id(),
        case_id=case_id,
        fund_id=wanted.fund_id,
        organ_code=case.holder if case.holder in organs else min(organs),
        kind=wanted.kind,
        asked=wanted.amount,
        applied_by=actor.person,
        applied_on=on,
    )
    words = {"description": wanted.description, "reasons": wanted.reasons}
    await uow.session.execute(
        insert_into(uow.session, store.RELIEF).values(
            **store.values_of(relief), **words, changed_at=uow.clock.now()
        )
    )
    _note(uow, relief, actor, "apply", wanted.amount)
    return relief.application_id


async def approve(
    uow: UnitOfWork, application_id: UUID, actor: Actor, *, amount: int | None, on: date
) -> None:
    """Approve, by a head of the organ that keeps the fund who did not apply; the money is reserved.

    `amount` None: all that was asked for. Raises NotFound, Forbidden, SamePerson, FundShort,
    IllegalReliefStep, StaleVersion."""
    relief = await _open(uow, application_id, actor, ReliefAct.APPROVE)
    entry = relief.approve(relief.asked if amount is None else amount, by=actor.person, on=on)
    await _keep(uow, relief, actor, ReliefAct.APPROVE, entry, amount=relief.approved)


async def refuse(
    uow: UnitOfWork, application_id: UUID, actor: Actor, *, reasons: str, on: date
) -> None:
    """Refuse with reasons; errors as in `approve`."""
    check_words(reasons)
    relief = await _open(uow, application_id, actor, ReliefAct.REFUSE)
    relief.refuse(by=actor.person, on=on)
    await _keep(uow, relief, actor, ReliefAct.REFUSE, None, words={"decision_reasons": reasons})


async def pay(
    uow: UnitOfWork, application_id: UUID, actor: Actor, handed: Handed, *, on: date
) -> None:
    """Note what was handed over. The same key again does nothing, so a repeated call pays once.

    Raises NotFound, Forbidden, Invalid, KeyReused, MoreThanApproved, IllegalReliefStep,
    StaleVersion."""
    check_words(handed.received, handed.reference)
    if handed.way not in packaged_relief_words().ways:
        raise Invalid("没有这种发放方式", field="way")
    relief = await _open(uow, application_id, actor, ReliefAct.PAY, check_version=False)
    values = {
        "key": handed.key, "amount": handed.amount, "paid_on": handed.paid_on, "way": handed.way,
        "reference": handed.reference, "received": handed.received,
    }  # fmt: skip
    made = await store.payment_of_key(uow.session, application_id, handed.key)
    if made is not None:
        if any(getattr(made, name) != value for name, value in values.items()):
            raise KeyReused("该编号已用于另一次发放")
        return
    _check_version(relief, actor)
    if relief.kind is ReliefKind.IN_KIND and not handed.received:
        raise Invalid("请写明交付的实物或服务", field="received")
    entry = relief.pay(handed.amount, paid_on=handed.paid_on, on=on)
    await store.add_payment(
        uow.session, application_id, values | {"made_by": actor.person}, uow.clock.now()
    )
    await _keep(uow, relief, actor, ReliefAct.PAY, entry, amount=handed.amount)


async def cancel(
    uow: UnitOfWork, application_id: UUID, actor: Actor, *, reasons: str, on: date
) -> None:
    """End it, by the organ that asked or the one that keeps the fund; what was reserved and not
    paid goes back. Raises NotFound, IllegalReliefStep, StaleVersion."""
    check_words(reasons)
    relief = await _open(uow, application_id, actor, ReliefAct.CANCEL)
    entry = relief.cancel(on=on)
    await _keep(
        uow, relief, actor, ReliefAct.CANCEL, entry,
        amount=entry.amount if entry else 0, words={"cancel_reasons": reasons},
    )  # fmt: skip


def _serves(uow: UnitOfWork, fund: Row[Any], case: Case) -> bool:
    if is_hidden_from(uow.reference.organs, case, fund.organ_code):
        return False  # who keeps the fund would have to approve
    if fund.organ_code in involved(case):
        return True
    place = case.division_code
    return place is not None and uow.reference.divisions.contains(fund.division_code, place)


async def _open(
    uow: UnitOfWork,
    application_id: UUID,
    actor: Actor,
    act: ReliefAct,
    *,
    check_version: bool = True,
) -> Relief:
    """The application, locked, for an act of one of its organs."""
    found = await store.load(uow.session, application_id, lock=True)
    if found is None or not actor.organs & {found[0].organ_code, found[1]}:
        raise NotFound(NO_RELIEF)
    case = await cases.load(uow.session, found[0].case_id)
    desks = actor.organs | actor.held
    if case is None or any(is_hidden_from(uow.reference.organs, case, each) for each in desks):
        raise NotFound(NO_RELIEF)
    relief, keeper = found
    if act is not ReliefAct.CANCEL and keeper not in actor.organs:
        raise Forbidden("该步骤由管理资金的机关办理")
    if check_version:
        _check_version(relief, actor)
    return relief


def _check_version(relief: Relief, actor: Actor) -> None:
    if actor.version is not None and actor.version != relief.version:
        raise cases.StaleVersion("申请已被他人更新，请刷新后再试", version=relief.version)


async def _keep(
    uow: UnitOfWork,
    relief: Relief,
    actor: Actor,
    act: ReliefAct,
    entry: Entry | None,
    *,
    amount: int = 0,
    words: Mapping[str, str] | None = None,
) -> None:
    await store.save(uow, relief, **(words or {}))
    if entry is not None:
        await enter(uow, relief.fund_id, actor, entry, application_id=relief.application_id)
    _note(uow, relief, actor, act, amount)


def _note(uow: UnitOfWork, relief: Relief, actor: Actor, act: str, amount: int) -> None:
    uow.audit(
        f"relief.{act}", f"relief/{relief.application_id}", actor=actor.person,
        case=relief.case_id, fund=relief.fund_id, amount_fen=amount, version=relief.version,
    )  # fmt: skip
