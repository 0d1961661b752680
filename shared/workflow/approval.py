"""Approval 签批: acts that wait for the head of the organ, at most one open of an entity, and one
of each organ that acts beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row as StoredRow
from sqlalchemy import Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.vocabulary.acts import Approval
from shared.vocabulary.posts import Role
from shared.workflow.acts import ActSpec, Workflow
from shared.workflow.bodies import ActIn
from shared.workflow.entities import Actor, E
from shared.workflow.table import Row, RuleBroken
from shared.workflow.tables import APPROVED, OPEN, RETURNED, VOID, declared


class ProposalOpen(Conflict):
    """Another act of the entity, or of the organ in it, waits for approval; settle it first."""

    code: ClassVar[str] = "proposal_open"


async def heads_of(uow: UnitOfWork, organ_code: str) -> frozenset[str]:
    """Persons who are head (负责人) of an organ now."""
    post, now = uow.tables.post, uow.clock.now()
    query = select(post.c.person).where(
        post.c.organ_code == organ_code,
        post.c.role == str(Role.HEAD),
        post.c.valid_from <= now,
        or_(post.c.valid_to.is_(None), post.c.valid_to > now),
    )
    return frozenset(await uow.session.scalars(query))


async def needs_another(uow: UnitOfWork, row: Row, actor: Actor, organ: str) -> bool:
    """Whether an act waits for a head. In an organ without one it is one step, but for what always
    needs another person than who proposes it. Raises RuleBroken where there is none."""
    if row.approval is Approval.NO or (row.approval is Approval.LONE and organ in actor.heads):
        return False
    others = await heads_of(uow, organ) - {actor.person}
    if row.approval is Approval.OTHER and not others:
        raise RuleBroken("须由本机关、单位负责人批准，申请人不得自行批准")
    return bool(others)


async def propose(
    flow: Workflow[E], uow: UnitOfWork, entity: E, actor: Actor, *, row: Row, spec: ActSpec,
    organ: str, body: ActIn,
) -> UUID:  # fmt: skip
    """Keep an act until it is approved. Raises ProposalOpen; the caller holds the lock."""
    beside = row.act in flow.beside
    own = await open_of(flow, uow.session, entity.entity_id, (organ,))
    if own is not None or (entity.awaits is not None and not beside):
        raise ProposalOpen("已有待签批的拟办意见")
    proposal_id = new_id()
    table, key = _tables(flow)
    await uow.session.execute(
        table.insert().values(
            {
                "proposal_id": proposal_id,
                key: entity.entity_id,
                "act": str(row.act),
                "path": spec.path,
                "organ_code": organ,
                "body": body.model_dump(mode="json"),
                "state": OPEN,
                "proposed_by": actor.person,
                "proposed_at": uow.clock.now(),
                "settled_by": None,
                "settled_at": None,
                "reasons": "",
            }
        )
    )
    if not beside:
        await flow.entities.mark(uow, entity, str(row.act))
    return proposal_id


async def open_of(
    flow: Workflow[Any], session: AsyncSession, entity_id: UUID, organs: Collection[str]
) -> StoredRow[Any] | None:
    """The open proposal of one of these organs, the oldest of several."""
    table, key = _tables(flow)
    query = select(table).where(
        table.c[key] == entity_id,
        table.c.state == OPEN,
        table.c.organ_code.in_(sorted(organs)),
    )
    order = (table.c.proposed_at, table.c.proposal_id)
    return (await session.execute(query.order_by(*order).limit(1))).one_or_none()


async def of_entity(
    flow: Workflow[Any], session: AsyncSession, entity_id: UUID
) -> Sequence[StoredRow[Any]]:
    """All proposals of an entity, first to last."""
    table, key = _tables(flow)
    query = select(table).where(table.c[key] == entity_id)
    order = (table.c.proposed_at, table.c.proposal_id)
    return (await session.execute(query.order_by(*order))).all()


async def settle(
    flow: Workflow[E], uow: UnitOfWork, entity: E, found: Any, *, approved: bool, by: str,
    reasons: str,
) -> None:  # fmt: skip
    """Approved, or given back: then the entity is free for another act."""
    table, _ = _tables(flow)
    await uow.session.execute(
        update(table)
        .where(table.c.proposal_id == found.proposal_id)
        .values(
            state=APPROVED if approved else RETURNED,
            settled_by=by,
            settled_at=uow.clock.now(),
            reasons=reasons,
        )
    )
    if not approved and found.act not in flow.beside:
        await flow.entities.mark(uow, entity, None)


async def void(flow: Workflow[E], uow: UnitOfWork, entity: E, act: Any) -> None:
    """The entity moved on: what waited for approval waits no more. An approved one stays so.

    A draft beside it waits on while its organ has a part, whatever the others do; and what is done
    beside leaves the draft of the entity alone."""
    beside = flow.entities.beside(entity)
    if (entity.awaits is None and beside is None) or not flow.approves:
        return
    still = sorted(beside or ())
    (table, key), acts = _tables(flow), sorted(flow.beside)
    gone = table.c.act.in_(acts) & table.c.organ_code.not_in(still)
    if act not in flow.beside:
        gone |= table.c.act.not_in(acts)
        entity.awaits = None
    await uow.session.execute(
        update(table)
        .where(table.c[key] == entity.entity_id, table.c.state == OPEN, gone)
        .values(state=VOID, settled_at=uow.clock.now())
    )


def _tables(flow: Workflow[Any]) -> tuple[Table, str]:
    tables = declared(flow.tables)
    return declared(tables.proposal), tables.key
