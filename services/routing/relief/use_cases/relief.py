"""The steps of relief in a case: apply, approve or refuse, pay, cancel. The case stays as it is."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.routing.cases.domain.accused import is_hidden_from
from services.routing.cases.store import cases
from services.routing.casework.use_cases.acting import has_to_do_with, involved
from services.routing.common.use_cases.actor import Actor
from services.routing.relief.domain.relief import Payment, Relief, ReliefAct, Wanted
from services.routing.relief.domain.relief_ledger import Entry
from services.routing.relief.store import relief as store
from services.routing.relief.use_cases.relief_funds import enter
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.ids import new_id

NO_RELIEF = "没有这项救助申请"


async def apply(uow: UnitOfWork, case_id: UUID, actor: Actor, wanted: Wanted, *, on: date) -> UUID:
    """Ask for relief in a case. Raises NotFound for a case the actor's organs have nothing to do
    with, and what `Relief.apply` raises."""
    case = await cases.load(uow.session, case_id)
    if case is None or not has_to_do_with(case, actor, uow.reference):
        raise NotFound("没有这个办件")
    parts = involved(case)
    relief = Relief.apply(
        new_id(), case, await store.fund(uow.session, wanted.fund_id), wanted,
        organs=actor.organs & parts, involved=parts, reference=uow.reference,
        by=actor.person, on=on,
    )  # fmt: skip
    await store.add(uow, relief)
    _note(uow, relief, actor, ReliefAct.APPLY, wanted.amount)
    return relief.application_id


async def approve(
    uow: UnitOfWork, application_id: UUID, actor: Actor, *, amount: int | None, on: date
) -> None:
    """Approve, by a head of the organ that keeps the fund; the money is reserved.

    Raises NotFound, Forbidden, StaleVersion, FundShort and what `Relief.approve` raises."""
    relief = await _open(uow, application_id, actor, ReliefAct.APPROVE)
    entry = relief.approve(amount, by=actor.person, on=on)
    await _keep(uow, relief, actor, ReliefAct.APPROVE, entry, amount=relief.approved)


async def refuse(
    uow: UnitOfWork, application_id: UUID, actor: Actor, *, reasons: str, on: date
) -> None:
    """Refuse with reasons; errors as in `approve`."""
    relief = await _open(uow, application_id, actor, ReliefAct.REFUSE)
    relief.refuse(reasons, by=actor.person, on=on)
    await _keep(uow, relief, actor, ReliefAct.REFUSE, None)


async def pay(
    uow: UnitOfWork, application_id: UUID, actor: Actor, payment: Payment, *, on: date
) -> None:
    """Note what was handed over. The same key again does nothing, so a repeated call pays once.

    Raises NotFound, Forbidden, StaleVersion, KeyReused and what `Relief.pay` raises."""
    relief = await _open(uow, application_id, actor, ReliefAct.PAY, check_version=False)
    if relief.has(payment):
        return
    _check_version(relief, actor)
    entry = relief.pay(payment, on=on)
    await store.add_payment(uow, relief, by=actor.person)
    await _keep(uow, relief, actor, ReliefAct.PAY, entry, amount=payment.amount)


async def cancel(
    uow: UnitOfWork, application_id: UUID, actor: Actor, *, reasons: str, on: date
) -> None:
    """End it, by the organ that asked or the one that keeps the fund; what was reserved and not
    paid goes back. Raises NotFound, StaleVersion and what `Relief.cancel` raises."""
    relief = await _open(uow, application_id, actor, ReliefAct.CANCEL)
    entry = relief.cancel(reasons, on=on)
    await _keep(uow, relief, actor, ReliefAct.CANCEL, entry, amount=entry.amount if entry else 0)


async def _open(
    uow: UnitOfWork,
    application_id: UUID,
    actor: Actor,
    act: ReliefAct,
    *,
    check_version: bool = True,
) -> Relief:
    """The application, locked, for an act of one of its organs."""
    relief = await store.load(uow.session, application_id, lock=True)
    if relief is None or not actor.organs & {relief.organ_code, relief.keeper}:
        raise NotFound(NO_RELIEF)
    case = await cases.load(uow.session, relief.case_id)
    desks = actor.organs | actor.held
    if case is None or any(is_hidden_from(uow.reference.organs, case, each) for each in desks):
        raise NotFound(NO_RELIEF)
    if act is not ReliefAct.CANCEL and relief.keeper not in actor.organs:
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
) -> None:
    await store.save(uow, relief)
    if entry is not None:
        await enter(uow, relief.fund_id, actor, entry, application_id=relief.application_id)
    _note(uow, relief, actor, act, amount)


def _note(uow: UnitOfWork, relief: Relief, actor: Actor, act: ReliefAct, amount: int) -> None:
    uow.audit(
        f"relief.{act}", f"relief/{relief.application_id}", actor=actor.person,
        case=relief.case_id, fund=relief.fund_id, amount_fen=amount, version=relief.version,
    )  # fmt: skip
