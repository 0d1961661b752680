"""Who may act in a case: the organ whose act it is, the person not withdrawn from it."""

from __future__ import annotations

from uuid import UUID

from services.routing.cases.domain.accused import is_hidden_from
from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import Act, IllegalStep
from services.routing.cases.domain.parts import assisting
from services.routing.cases.domain.procedure import By, rows_for
from services.routing.cases.outgoing import record_case
from services.routing.cases.store import cases
from services.routing.cases.use_cases.rules import due_of
from services.routing.common.use_cases.actor import Actor
from services.routing.papers.use_cases.papers import publish_papers
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, NotFound
from shared.reference.editions import Reference


async def open_case(uow: UnitOfWork, case_id: UUID, actor: Actor) -> Case:
    """The case, locked, for somebody whose organ has to do with it.

    Raises NotFound when the actor's organs have nothing to do with the case, Forbidden for a person
    who withdrew from it (回避, Art. 28(3)), StaleVersion when the person has seen an older one.
    """
    case = await cases.load(uow.session, case_id, lock=True)
    if case is None or not has_to_do_with(case, actor, uow.reference):
        raise NotFound("没有这个办件")
    if actor.person in case.journal.recused():
        raise Forbidden("您已回避本事项")
    if actor.version is not None and actor.version != case.version:
        raise cases.StaleVersion("办件已被他人更新，请刷新后再试", version=case.version)
    return case


def organ_for(case: Case, act: Act, actor: Actor, *, of: str | None = None) -> str:
    """The organ whose act it is now, one of the actor's; `of` names it where only one of several
    can mean it.

    Raises IllegalStep when the case is with the actor's organ and the table has no such act now,
    Forbidden when it is another organ's act."""
    held = case.hold
    rows = rows_for(case.state, held.kind if held else None, case.purpose)
    whose = {organ for row in rows if row.act is act for organ in _organs_of(case, row.by)}
    mine = whose & actor.organs
    if of is not None:
        mine &= {of}
    if mine:
        return min(mine)
    with_actor = case.next_organ or (held.organ_code if held else case.decider)
    if not whose and with_actor in actor.organs:
        raise IllegalStep(case.state, case.allowed)
    raise Forbidden("该步骤应由其他机关办理")


async def keep(
    uow: UnitOfWork,
    case: Case,
    actor: Actor,
    *,
    proposed_by: str | None = None,
    did: str | None = None,
) -> Case:
    """Store, publish and audit what happened to a case: the act just taken, or `did`, which is
    none of the table's."""
    await cases.save(uow, case, due_of(uow.reference, case), proposed_by=proposed_by)
    record_case(uow, case, did=did)
    await publish_papers(uow, case)
    proposer = {"proposed_by": proposed_by} if proposed_by else {}
    uow.audit(
        f"case.{did or case.happened[-1]}", f"case/{case.case_id}", actor=actor.person,
        version=case.version, **proposer,
    )  # fmt: skip
    return case


def involved(case: Case) -> set[str]:
    """Organs that received the case, decide on it, got a copy, have it or had it, or have a part in
    it."""
    organs = {case.received_by, case.decider, case.copied_to or case.decider}
    held = (r.organ_code for r in case.referrals if r.state != "returned")
    return organs.union(held, (r.from_organ for r in case.referrals), assisting(case.parts))


def has_to_do_with(case: Case, actor: Actor, reference: Reference) -> bool:
    """Whether one of the actor's organs is involved, and none at which the person has a post is
    accused in it or under who is."""
    if not actor.organs & involved(case):
        return False
    desks = actor.organs | actor.held
    return not any(is_hidden_from(reference.organs, case, organ) for organ in desks)


def _organs_of(case: Case, by: By) -> frozenset[str]:
    held = case.hold
    if by is By.DECIDER or held is None:
        return frozenset((case.decider,))
    if by is By.ASSISTANT:
        return assisting(case.parts)
    sender, holder = held.from_organ, held.organ_code
    return frozenset({By.SENDER: (sender,), By.HOLDER: (holder,)}.get(by, (sender, holder)))
