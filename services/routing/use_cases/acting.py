"""The steps officers take with a case: accept, object, judge an objection, answer, deliver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.routing.domain.case import Case, Referral
from services.routing.domain.case_steps import Act, IllegalStep, Opinion, ReferralState
from services.routing.domain.due import objection_window
from services.routing.outgoing import record_case
from services.routing.store import cases
from services.routing.use_cases.rules import due_of
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the person of the token and the organs of the posts that open the route.

    `version` is the version of the case the person has seen, None when not told."""

    person: str
    organs: frozenset[str]
    version: int | None = None


async def accept(uow: UnitOfWork, case_id: UUID, actor: Actor, *, on: date) -> Case:
    """受理 by the organ that has the case."""
    case = await open_for(uow, case_id, actor, Act.ACCEPT)
    case.accept(on=on)
    return await keep(uow, case, actor)


async def object_to(
    uow: UnitOfWork, case_id: UUID, actor: Actor, *, reasons: str, on: date
) -> Case:
    """异议 within the window of the limit table; where the table has none, there is no right."""
    case = await open_for(uow, case_id, actor, Act.OBJECT)
    case.object_to(reasons=reasons, on=on, last_day=_window(uow, case))
    return await keep(uow, case, actor)


async def judge(
    uow: UnitOfWork, case_id: UUID, actor: Actor, *, upheld: bool, reasons: str, on: date
) -> Case:
    """The sender's verdict on an objection."""
    case = await open_for(uow, case_id, actor, Act.UPHOLD if upheld else Act.REFUSE)
    case.judge_objection(upheld=upheld, reasons=reasons, on=on)
    return await keep(uow, case, actor)


async def answer(
    uow: UnitOfWork,
    case_id: UUID,
    actor: Actor,
    *,
    opinion: Opinion,
    text: str,
    legal_basis: str,
    on: date,
) -> Case:
    """Issue the written opinion."""
    case = await open_for(uow, case_id, actor, Act.ANSWER)
    case.answer(opinion=opinion, text=text, legal_basis=legal_basis, on=on)
    return await keep(uow, case, actor)


async def deliver(uow: UnitOfWork, case_id: UUID, actor: Actor, *, method: str, on: date) -> Case:
    """Note the delivery of the opinion, or that the petitioner was told where to go."""
    case = await open_for(uow, case_id, actor, Act.DELIVER)
    if Act.TELL in case.allowed:
        case.tell(method=method, on=on)
    else:
        case.deliver(method=method, on=on)
    return await keep(uow, case, actor)


async def open_for(uow: UnitOfWork, case_id: UUID, actor: Actor, act: Act) -> Case:
    """The case, locked, for an act of the organ whose act it is.

    Raises NotFound when the actor's organs have nothing to do with the case, Forbidden when it is
    another organ's act, StaleVersion when the person has seen an older version.
    """
    case = await cases.load(uow.session, case_id, lock=True)
    if case is None or not actor.organs & involved(case):
        raise NotFound("没有这个办件")
    if _organ_of(case, act) not in actor.organs:
        if act not in case.allowed and case.next_organ in actor.organs:
            raise IllegalStep(case.state, case.allowed)
        raise Forbidden("该步骤应由其他机关办理")
    if actor.version is not None and actor.version != case.version:
        raise cases.StaleVersion("办件已被他人更新，请刷新后再试", version=case.version)
    return case


async def keep(uow: UnitOfWork, case: Case, actor: Actor) -> Case:
    """Store, publish and audit what happened to a case."""
    await cases.save(uow, case, due_of(uow.reference, case))
    record_case(uow, case)
    act = case.happened[-1]
    subject = f"case/{case.case_id}"
    uow.audit(f"case.{act}", subject, actor=actor.person, version=case.version)
    return case


def _window(uow: UnitOfWork, case: Case) -> date:
    referral = case.current
    if referral is None:
        return date.min
    reference = uow.reference
    window = objection_window(case, referral, limits=reference.limits, calendar=reference.calendar)
    return window.on if window else date.min


def _organ_of(case: Case, act: Act) -> str:
    last = _last(case)
    if act is Act.DECIDE or last is None:
        return case.decider
    return last.from_organ if act in (Act.UPHOLD, Act.REFUSE) else last.organ_code


def involved(case: Case) -> set[str]:
    """Organs that received the case, decide on it, got a copy, have it or had it."""
    organs = {case.received_by, case.decider, case.copied_to or case.decider}
    held = (r.organ_code for r in case.referrals if r.state is not ReferralState.RETURNED)
    return organs.union(held, (r.from_organ for r in case.referrals))


def _last(case: Case) -> Referral | None:
    return case.referrals[-1] if case.referrals else None
