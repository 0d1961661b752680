"""One act from the request to its effects, the same for every noun.

Lock, authorise, ask the conditions, ask for approval, apply, issue papers, journal, save, publish,
audit. All in the transaction of the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Forbidden, NotFound
from shared.web.bodies import KEPT
from shared.workflow import approval
from shared.workflow.acts import ActSpec, Workflow
from shared.workflow.bodies import ActIn
from shared.workflow.entities import Actor, E, StaleVersion
from shared.workflow.guards import Guard, Law, Step
from shared.workflow.table import IllegalStep, Row, TableInvalid


@dataclass(frozen=True, slots=True)
class Outcome(Generic[E]):
    """An entity after an act, or with the proposal that waits for approval."""

    entity: E
    proposal_id: UUID | None = None


async def open_entity(flow: Workflow[E], uow: UnitOfWork, entity_id: UUID, actor: Actor) -> E:
    """The entity, locked, for somebody who may know of it and act.

    Raises NotFound, Forbidden, StaleVersion when the person has seen an older version."""
    entity = await _admitted(flow, uow, entity_id, actor)
    _check_version(flow, entity.version, actor)
    return entity


def organ_for(flow: Workflow[E], entity: E, act: Any, actor: Actor, of: str | None = None) -> str:
    """The organ whose act it is now, one of the actor's; `of` names it where only one of several
    can mean it.

    Raises IllegalStep when the entity lies with the actor's organ and the table has no such act
    now, Forbidden when it is another organ's act."""
    rows = (row for row in flow.table.fitting(entity) if row.act is act)
    whose = {organ for row in rows for organ in flow.entities.organs(entity, row.by)}
    mine = whose & actor.organs & ({of} if of is not None else whose)
    if mine:
        return min(mine)
    if not whose and actor.organs & flow.entities.at_hand(entity):
        raise _illegal(flow, entity)
    raise Forbidden(flow.foreign)


def row_of(flow: Workflow[E], entity: E, act: Any, law: Law | None = None) -> Row:
    """The table's row for an act now, by the conditions of the entity and, with `law`, of the
    rules. Raises IllegalStep, and what the conditions raise."""
    broken = None
    for row in flow.table.fitting(entity):
        if row.act is act:
            broken = flow.guards.broken(entity, row.guards, law)
            if broken is None:
                return row  # type: ignore[no-any-return]
    if broken is not None and broken[1] is not None:
        raise broken[1]
    raise _illegal(flow, entity, broken[0] if broken else None, law)


async def permitted(
    flow: Workflow[E], uow: UnitOfWork, entity: E, act: Any, spec: ActSpec, step: Step, body: Any
) -> Row:
    """The row of an act of which every condition holds. Raises IllegalStep, and what they raise."""
    row = row_of(flow, entity, act, step.law)
    if spec.finds is not None:
        step.found = await spec.finds(uow, entity, step, body)
    await _ask(flow, uow, entity, row, step, body)
    return row


def apply(entity: E, row: Row, spec: ActSpec, step: Step, body: Any) -> Any:
    """Move the entity by the row, journal what the body said, change what the act changes; gives
    what the act's function gives. Raises what the entity's own rules raise."""
    step.said = spec.says(body)
    entity.take(row, step)
    result = spec.run(entity, step, body)
    if row.ends_in and entity.state not in row.ends_in:
        raise TableInvalid(f"{row.act} may not lead to {entity.state}")
    return result


async def perform(
    flow: Workflow[E], uow: UnitOfWork, entity_id: UUID, actor: Actor, spec: ActSpec, body: ActIn,
    *, on: date,
) -> Outcome[E]:  # fmt: skip
    """Do an act, or put it before the head of the organ where the table wants that (拟办 / 签批).

    Raises what `open_entity`, `organ_for`, `permitted`, `needs_another` and the act raise."""
    entity = await _admitted(flow, uow, entity_id, actor)
    if spec.already is not None and await spec.already(uow, entity, body):
        return Outcome(entity)
    _check_version(flow, spec.seen(entity), actor)
    act = spec.choose(entity, body)
    organ = organ_for(flow, entity, act, actor, spec.whose(entity, body))
    step = Step(Law(uow.reference, on), organ, actor.person)
    row = await permitted(flow, uow, entity, act, spec, step, body)
    if await approval.needs_another(uow, row, actor, organ):
        waits = await approval.propose(
            flow, uow, entity, actor, row=row, spec=spec, organ=organ, body=body
        )
        uow.audit(f"{flow.noun}.{act}.proposed", _subject(flow, entity), actor=actor.person)
        return Outcome(entity, waits)
    await _effect(flow, uow, entity, row, spec, step, body, actor)
    return Outcome(entity)


async def settle_proposal(
    flow: Workflow[E], uow: UnitOfWork, entity_id: UUID, actor: Actor, *, approved: bool,
    reasons: str, on: date,
) -> E:  # fmt: skip
    """签批: the head approves what was drafted, and it is done; or gives it back.

    Raises NotFound without an open proposal of the head's organ, Forbidden for the proposer, and
    when approved what the act raises: the entity may have moved on meanwhile."""
    entity = await open_entity(flow, uow, entity_id, actor)
    found = await approval.open_of(flow, uow.session, entity_id, actor.organs)
    if found is None:
        raise NotFound("没有待签批的拟办意见")
    if found.organ_code not in actor.heads or found.proposed_by == actor.person:
        raise Forbidden("应由本机关其他负责人签批")
    await approval.settle(
        flow, uow, entity, found, approved=approved, by=actor.person, reasons=reasons
    )
    if not approved:
        uow.audit(f"{flow.noun}.{found.act}.returned", _subject(flow, entity), actor=actor.person)
        return entity
    spec = flow.acts[found.path]
    body = spec.body.model_validate(found.body, context=KEPT)
    await do(
        flow, uow, entity, actor, found.organ_code, spec, body, on=on, proposed_by=found.proposed_by
    )
    return entity


async def do(
    flow: Workflow[E], uow: UnitOfWork, entity: E, actor: Actor, organ: str, spec: ActSpec,
    body: ActIn, *, on: date, proposed_by: str | None = None,
) -> None:  # fmt: skip
    """Do an act of a locked entity by the organ whose act it is, and all that follows from it.

    Raises what `permitted` and the act raise."""
    step = Step(Law(uow.reference, on), organ, actor.person)
    row = await permitted(flow, uow, entity, spec.choose(entity, body), spec, step, body)
    await _effect(flow, uow, entity, row, spec, step, body, actor, proposed_by=proposed_by)


async def begin(
    flow: Workflow[E], uow: UnitOfWork, entity: E, actor: Actor, organ: str, act: Any, *, on: date,
    said: dict[str, Any] | None = None, body: Any = None, found: Any = None,
) -> None:  # fmt: skip
    """Keep a new entity by the act that opens it (a row from `-`), as any other act is kept.

    Raises IllegalStep, and what the conditions of the row raise."""
    step = Step(Law(uow.reference, on), organ, actor.person, found=found, said=said or {})
    row = flow.table.opening(act)
    await _ask(flow, uow, entity, row, step, body)
    entity.take(row, step)
    await flow.entities.issue(uow, entity, row, step)
    await keep(flow, uow, entity, actor, str(act), step=step)


async def keep(
    flow: Workflow[E], uow: UnitOfWork, entity: E, actor: Actor, what: str, *,
    proposed_by: str | None = None, step: Step | None = None,
) -> None:  # fmt: skip
    """Save, publish and audit what happened: an act of the table (`step`), or something else."""
    await flow.entities.save(uow, entity, proposed_by=proposed_by)
    await flow.entities.publish(uow, entity, None if step else what)
    action, detail = flow.audit(entity, what, step)
    proposer = {"proposed_by": proposed_by} if proposed_by else {}
    uow.audit(
        f"{flow.noun}.{action}", _subject(flow, entity), actor=actor.person, **detail, **proposer
    )


async def _admitted(flow: Workflow[E], uow: UnitOfWork, entity_id: UUID, actor: Actor) -> E:
    entity = await flow.entities.load(uow, entity_id)
    if entity is None:
        raise NotFound(f"没有这{flow.title}")
    flow.entities.admit(entity, actor, uow.reference)
    return entity


def _check_version(flow: Workflow[Any], version: int, actor: Actor) -> None:
    if actor.version is not None and actor.version != version:
        raise StaleVersion("内容已被他人更新，请刷新后再试", **{flow.counter: version})


async def _effect(
    flow: Workflow[E], uow: UnitOfWork, entity: E, row: Row, spec: ActSpec, step: Step, body: ActIn,
    actor: Actor, *, proposed_by: str | None = None,
) -> None:  # fmt: skip
    result = apply(entity, row, spec, step, body)
    if spec.after is not None:
        await spec.after(uow, entity, step, result)
    await flow.entities.issue(uow, entity, row, step)
    await approval.void(flow, uow, entity, row.act)
    await keep(flow, uow, entity, actor, str(row.act), proposed_by=proposed_by, step=step)


async def _ask(
    flow: Workflow[E], uow: UnitOfWork, entity: E, row: Row, step: Step, body: Any
) -> None:
    """Ask every condition of a row. Raises IllegalStep, and what they raise."""
    broken = flow.guards.broken(entity, row.guards, step.law)
    if broken is not None:
        raise broken[1] or _illegal(flow, entity, broken[0], step.law)
    if (guard := await flow.guards.ask(entity, row.guards, step, body, uow)) is not None:
        raise _illegal(flow, entity, guard, step.law)


def _illegal(
    flow: Workflow[E], entity: E, guard: Guard | None = None, law: Law | None = None
) -> IllegalStep:
    why = f"须{guard.words}" if guard else f"当前状态为{flow.states[entity.state]}"
    return flow.illegal(entity.state, flow.allowed(entity, law), why)


def _subject(flow: Workflow[Any], entity: Any) -> str:
    return f"{flow.noun}/{entity.entity_id}"
