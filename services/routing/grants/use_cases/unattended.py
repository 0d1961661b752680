"""Whether something waits on which nobody in this deployment may decide (Art. 30(3), 46(5)).

A sealed item lies before an organ that has nobody to open it, or before none; or an accusation lies
before an office that it complains of. Operators are told that, and no more.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.outgoing import record_unattended
from services.routing.cases.store.cases import CASE
from services.routing.cases.store.queue import QUEUE
from services.routing.posts.use_cases import OPENERS
from shared.db.unit_of_work import UnitOfWork
from shared.reference.editions import Reference
from shared.vocabulary.posts import Role

DECIDERS = (Role.OFFICER, Role.HEAD)


async def tell_unattended(uow: UnitOfWork, *, told: bool | None) -> bool:
    """Whether something waits for nobody; told to operators where that differs from what was."""
    waits = await is_unattended(uow.session, uow.tables.post, uow.reference, now=uow.clock.now())
    if waits is not told:
        record_unattended(uow, waits=waits)
    return waits


async def is_unattended(
    session: AsyncSession, post: Table, reference: Reference, *, now: datetime
) -> bool:
    """Whether an open sealed item or accusation waits for nobody."""
    sealed = select(QUEUE.c.organ_code).where(QUEUE.c.kind == "sealed", QUEUE.c.closed_at.is_(None))
    for organ in await session.scalars(sealed.distinct()):
        if not await _is_staffed(session, post, organ, OPENERS, now=now):
            return True
    cases = (
        select(CASE.c.decider, CASE.c.complained_organ, CASE.c.also_accused)
        .join(QUEUE, QUEUE.c.item_id == CASE.c.case_id)
        .where(QUEUE.c.closed_at.is_(None), CASE.c.purpose == "accusation")
        .distinct()
    )
    for decider, named, also in await session.execute(cases):
        accused = {named, *(also or "").split()}
        if not reference.organs.under(decider).isdisjoint(accused):
            return True
        if not await _is_staffed(session, post, decider, DECIDERS, now=now):
            return True
    return False


async def _is_staffed(
    session: AsyncSession, post: Table, organ: str, roles: tuple[Role, ...], *, now: datetime
) -> bool:
    query = select(post.c.post_id).where(
        post.c.organ_code == organ,
        post.c.role.in_([str(role) for role in roles]),
        post.c.valid_from <= now,
        or_(post.c.valid_to.is_(None), post.c.valid_to > now),
    )
    return await session.scalar(query.limit(1)) is not None
