"""The queue of what waits for a person: cases, and sealed items of which nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.case import Case
from services.routing.cases.store.tables import QueueRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.cases import CaseState, DecisionReason

QUEUE = cast(Table, QueueRow.__table__)  # type: ignore[attr-defined]


def case_item(case: Case, at: datetime) -> dict[str, Any]:
    """The row of a case that waits for its decider."""
    return {
        "item_id": case.case_id,
        "kind": "case",
        "organ_code": case.decider,
        "reason": str(case.needs_person_reason),
        "detail": case.number,
        "opened_at": at,
        "closed_at": None,
    }


async def keep(uow: UnitOfWork, case: Case) -> None:
    """Make the queue agree with a case that changed; a case that comes back opens anew."""
    if case.state is CaseState.NEEDS_PERSON:
        row = case_item(case, uow.clock.now())
        statement = insert_into(uow.session, QUEUE).values(row)
        await uow.session.execute(
            statement.on_conflict_do_update(index_elements=["item_id"], set_=row)
        )
        return
    await uow.session.execute(
        update(QUEUE)
        .where(QUEUE.c.item_id == case.case_id, QUEUE.c.closed_at.is_(None))
        .values(closed_at=uow.clock.now())
    )


async def hold_sealed(
    uow: UnitOfWork, sealed_id: UUID, *, opener: str | None, sealed_class: str
) -> None:
    """Queue a sealed item. One that is known (un-sealed already, or told twice) stays as it is, but
    for the organ before which it lies, where the event says it."""
    organ_code = uow.reference.root_petition_office if opener is None else opener
    row = _sealed(sealed_id, organ_code, sealed_class, uow.clock.now(), closed=False)
    statement = insert_into(uow.session, QUEUE).values(row)
    if opener is None:
        statement = statement.on_conflict_do_nothing()
    else:
        statement = statement.on_conflict_do_update(
            index_elements=["item_id"],
            set_={"organ_code": opener},
            where=QUEUE.c.closed_at.is_(None),
        )
    await uow.session.execute(statement)


async def close_sealed(uow: UnitOfWork, sealed_id: UUID) -> None:
    """Note that a sealed item was un-sealed, whether or not its sealing was heard of yet."""
    row = _sealed(
        sealed_id, uow.reference.root_petition_office, "unsealed", uow.clock.now(), closed=True
    )
    statement = insert_into(uow.session, QUEUE).values(row)
    await uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["item_id"], set_={"closed_at": row["closed_at"]}
        )
    )


async def holder_of_sealed(session: AsyncSession, sealed_id: UUID) -> str | None:
    """The organ before which an open sealed item is, None when there is no such item."""
    holder: str | None = await session.scalar(
        select(QUEUE.c.organ_code).where(
            QUEUE.c.item_id == sealed_id, QUEUE.c.kind == "sealed", QUEUE.c.closed_at.is_(None)
        )
    )
    return holder


async def waiting(
    session: AsyncSession,
    seen: ColumnElement[bool],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Open items the condition lets see, longest waiting first."""
    query = (
        select(QUEUE)
        .where(QUEUE.c.closed_at.is_(None), seen)
        .order_by(QUEUE.c.opened_at, QUEUE.c.item_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(QUEUE.c.opened_at, QUEUE.c.item_id) > tuple_(*after))
    return (await session.execute(query)).all()


def _sealed(
    sealed_id: UUID, organ_code: str, sealed_class: str, at: datetime, *, closed: bool
) -> dict[str, Any]:
    return {
        "item_id": sealed_id,
        "kind": "sealed",
        "organ_code": organ_code,
        "reason": str(DecisionReason.SEALED),
        "detail": sealed_class,
        "opened_at": at,
        "closed_at": at if closed else None,
    }
