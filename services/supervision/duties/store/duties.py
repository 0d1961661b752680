"""Loading, saving and firing duties. Every statement here is on a hot path or behind an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.domain.reconciliation import Change
from services.supervision.duties.domain.stages import Warned, next_at
from services.supervision.duties.store.duty_rows import duty_of, row_of
from services.supervision.tables import DutyRow, PetitionRow, table_of
from shared.db.many import insert_many, one_of, update_many
from shared.vocabulary.duties import DutyKind, DutyState, Nature, Unit

DUTY, PETITION = table_of(DutyRow), table_of(PetitionRow)
OPEN = (DutyState.RUNNING.value, DutyState.OVERDUE.value)


async def about(session: AsyncSession, subjects: Iterable[UUID]) -> list[Duty]:
    """Duties on these petitions and cases (raised ones are on duties), locked for a change."""
    ids = sorted(set(subjects))
    if not ids:
        return []
    found = await session.execute(
        select(DUTY)
        .where(one_of(session, DUTY.c.subject_id, ids))
        .order_by(DUTY.c.duty_id)
        .with_for_update()
    )
    return [duty_of(row) for row in found]


async def open_raised(session: AsyncSession, roots: Iterable[UUID]) -> list[Duty]:
    """Superiors' open duties on these duties, locked.

    Asked again until nothing new comes: while this waited for a lock, the watcher that held it
    may have raised one step further.
    """
    ids = sorted(set(roots))
    seen: dict[UUID, Duty] = {}
    while ids:
        found = await session.execute(
            select(DUTY)
            .where(one_of(session, DUTY.c.subject_id, ids), DUTY.c.state.in_(OPEN))
            .where(DUTY.c.kind == DutyKind.RAISED.value)
            .order_by(DUTY.c.duty_id)
            .with_for_update()
        )
        fresh = [duty for row in found if (duty := duty_of(row)).key.duty_id not in seen]
        if not fresh:
            break
        seen |= {duty.key.duty_id: duty for duty in fresh}
    return list(seen.values())


async def by_ids(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Duty]:
    """Duties by id, locked."""
    wanted = set(ids)
    if not wanted:
        return {}
    found = await session.execute(
        select(DUTY)
        .where(one_of(session, DUTY.c.duty_id, wanted))
        .order_by(DUTY.c.duty_id)
        .with_for_update()
    )
    return {row.duty_id: duty_of(row) for row in found}


async def save(
    session: AsyncSession, changes: Sequence[Change], *, editions: Mapping[str, str]
) -> None:
    """Write changed duties: all new ones in one statement, all others in one more.

    `editions` (kind -> id) are stored with a duty when its due date was counted by them.
    """
    counted_by = {
        "limits_edition": editions.get("limits", ""),
        "calendar_edition": editions.get("calendar", ""),
    }
    fresh = [row_of(c.duty) | counted_by | {"noticed_at": None} for c in changes if not c.before]
    await insert_many(session, DUTY, fresh)
    for recounted, group in groupby(
        sorted((c for c in changes if c.before), key=_is_recounted), key=_is_recounted
    ):
        rows = [row_of(c.duty) | (counted_by if recounted else {}) for c in group]
        await update_many(session, DUTY, "duty_id", rows)


async def how_many_due(session: AsyncSession, now: datetime, *, most: int) -> int:
    """How many duties a watcher has to look at, counted up to `most` on the index alone."""
    some = select(DUTY.c.next_at).where(DUTY.c.next_at <= now).limit(most).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def fire_due(
    session: AsyncSession, now: datetime, *, limit: int, only: UUID | None = None
) -> list[Duty]:
    """Make up to `limit` duties whose time is up overdue (a window: lapsed), in one statement.

    Rows another watcher has in hand are left to it; a row fired once no longer fits the search.
    """
    window = DUTY.c.nature == Nature.WINDOW.value
    chosen = _due(now, DUTY.c.due_at <= now, limit=limit, only=only).cte("chosen")
    fired = await session.execute(
        update(DUTY)
        .where(DUTY.c.duty_id == chosen.c.duty_id)
        .values(
            state=case((window, DutyState.LAPSED.value), else_=DutyState.OVERDUE.value),
            overdue_at=case((window, null()), else_=DUTY.c.due_at),
            noticed_at=now,
            next_at=None,
            version=DUTY.c.version + 1,
        )
        .returning(*DUTY.c)
    )
    return sorted((duty_of(row) for row in fired), key=lambda duty: duty.due.at)


async def near_due(
    session: AsyncSession, now: datetime, *, limit: int, only: UUID | None = None
) -> list[Duty]:
    """Up to `limit` duties that have a warning to give, locked; others' rows are left alone."""
    query = _due(now, DUTY.c.due_at > now, limit=limit, only=only)
    found = await session.execute(query.with_only_columns(*DUTY.c))
    return [duty_of(row) for row in found]


async def save_warnings(session: AsyncSession, warned: Sequence[tuple[Duty, Warned]]) -> None:
    """Store the stage reached; `warned` are the duties after their warning.

    Duties of one batch mostly share their dates, so there are as many statements as dates.
    """
    order = sorted(warned, key=_warning_values)
    for values, group in groupby(order, key=_warning_values):
        ids = [duty.key.duty_id for duty, _ in group]
        await session.execute(
            update(DUTY)
            .where(DUTY.c.duty_id.in_(ids))
            .values(warned_days=values[0], next_at=values[1], version=DUTY.c.version + 1)
        )


async def due_ids(session: AsyncSession, now: datetime, *, limit: int) -> list[UUID]:
    """Ids of duties that are due for anything, oldest first; takes no locks."""
    found = await session.scalars(
        select(DUTY.c.duty_id).where(DUTY.c.next_at <= now).order_by(DUTY.c.next_at).limit(limit)
    )
    return list(found)


async def put_off(session: AsyncSession, duty_id: UUID, *, until: datetime) -> None:
    """Look at a duty that can't be fired later, so that it holds up nobody else."""
    await session.execute(update(DUTY).where(DUTY.c.duty_id == duty_id).values(next_at=until))


async def counted_otherwise(
    session: AsyncSession, *, calendar_edition: str, limit: int
) -> list[Duty]:
    """Running duties whose days another calendar counted, locked."""
    found = await session.execute(
        select(DUTY)
        .where(DUTY.c.state == DutyState.RUNNING.value)
        .where(or_(DUTY.c.unit == Unit.WORKING.value, DUTY.c.roll))
        .where(DUTY.c.calendar_edition != calendar_edition)
        .order_by(DUTY.c.duty_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [duty_of(row) for row in found]


async def stamp_calendar(session: AsyncSession, ids: Sequence[UUID], edition: str) -> None:
    """Note that these due dates hold under this calendar too."""
    if ids:
        await session.execute(
            update(DUTY).where(DUTY.c.duty_id.in_(ids)).values(calendar_edition=edition)
        )


async def page(
    session: AsyncSession,
    conditions: Sequence[ColumnElement[bool]],
    *,
    after: tuple[Any, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Rows by due date and id, after a key."""
    query = select(DUTY).where(*conditions).order_by(DUTY.c.due_on, DUTY.c.duty_id).limit(limit)
    if after is not None:
        query = query.where(tuple_(DUTY.c.due_on, DUTY.c.duty_id) > tuple_(*after))
    return (await session.execute(query)).all()


async def counts(
    session: AsyncSession, conditions: Sequence[ColumnElement[bool]]
) -> list[tuple[str, str, bool, int]]:
    """(state, nature, was overdue, count) of the duties that fit."""
    overdue = DUTY.c.overdue_at.is_not(None)
    found = await session.execute(
        select(DUTY.c.state, DUTY.c.nature, overdue, func.count())
        .where(*conditions)
        .group_by(DUTY.c.state, DUTY.c.nature, overdue)
        .order_by(DUTY.c.state, DUTY.c.nature, overdue)
    )
    return [(row[0], row[1], bool(row[2]), row[3]) for row in found]


def of_petition(petition_id: UUID) -> ColumnElement[bool]:
    """Condition: the duty is about this petition or about its case."""
    case_id = select(PETITION.c.case_id).where(PETITION.c.petition_id == petition_id)
    return or_(DUTY.c.subject_id == petition_id, DUTY.c.case_id == case_id.scalar_subquery())


def _due(
    now: datetime, which: ColumnElement[bool], *, limit: int, only: UUID | None
) -> Select[Any]:
    query = (
        select(DUTY.c.duty_id)
        .where(DUTY.c.next_at <= now, which)
        .order_by(DUTY.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return query if only is None else query.where(DUTY.c.duty_id == only)


def _is_recounted(change: Change) -> bool:
    return change.before is not None and change.before.due != change.duty.due


def _warning_values(pair: tuple[Duty, Warned]) -> tuple[int, datetime]:
    duty, warned = pair
    following = next_at(duty)
    return warned.days_left, following if following is not None else duty.due.at
