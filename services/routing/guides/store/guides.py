"""Guides in the database: versions of a chain, lists by topic, what a case is offered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    Table,
    and_,
    delete,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.guides.store.tables import GuideRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.workflow.entities import StaleVersion

GUIDE = cast(Table, GuideRow.__table__)  # type: ignore[attr-defined]
Key = tuple[str, str, date, UUID, int]
_STALE = "内容已被他人更新，请刷新后再试"


async def add(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Store a new version. Raises StaleVersion when somebody else just made one."""
    made = await uow.session.scalar(
        insert_into(uow.session, GUIDE)
        .values(values | {"revision": 1, "changed_at": uow.clock.now()})
        .on_conflict_do_nothing(index_elements=["guide_id", "version"])
        .returning(GUIDE.c.version)
    )
    if made is None:
        raise StaleVersion(_STALE)


async def newest(
    session: AsyncSession, guide_id: UUID, *, or_draft: bool = True, lock: bool = False
) -> Row[Any] | None:
    """The newest version of a chain, or the newest that was ever published; None without one."""
    query = select(GUIDE).where(GUIDE.c.guide_id == guide_id)
    if not or_draft:
        query = query.where(GUIDE.c.state != "draft")
    query = query.order_by(GUIDE.c.version.desc()).limit(1)
    return (await session.execute(query.with_for_update() if lock else query)).one_or_none()


async def change(uow: UnitOfWork, row: Any, values: dict[str, Any]) -> None:
    """Change a version. Raises StaleVersion when it was changed since it was read."""
    changed = await uow.session.execute(
        update(GUIDE)
        .where(GUIDE.c.guide_id == row.guide_id, GUIDE.c.version == row.version)
        .where(GUIDE.c.revision == row.revision)
        .values(**values, revision=row.revision + 1, changed_at=uow.clock.now())
    )
    if cast(CursorResult[Any], changed).rowcount != 1:
        raise StaleVersion(_STALE)


async def remove(uow: UnitOfWork, row: Any) -> None:
    """Remove a draft nobody has published. Raises StaleVersion."""
    gone = await uow.session.execute(
        delete(GUIDE)
        .where(GUIDE.c.guide_id == row.guide_id, GUIDE.c.version == row.version)
        .where(GUIDE.c.revision == row.revision)
    )
    if cast(CursorResult[Any], gone).rowcount != 1:
        raise StaleVersion(_STALE)


async def supersede(session: AsyncSession, guide_id: UUID, *, version: int, on: date) -> None:
    """Versions before `version` are offered up to the day before `on`, if they were so long."""
    await session.execute(
        update(GUIDE)
        .where(GUIDE.c.guide_id == guide_id, GUIDE.c.version < version)
        .where(or_(GUIDE.c.superseded_on.is_(None), GUIDE.c.superseded_on > on))
        .values(superseded_on=on)
    )


def in_force(on: date) -> ColumnElement[bool]:
    """Condition: published, begun, not ended, and no later version in its place on a day."""
    return and_(
        GUIDE.c.state == "published",
        GUIDE.c.valid_from <= on,
        or_(GUIDE.c.valid_to.is_(None), GUIDE.c.valid_to >= on),
        or_(GUIDE.c.superseded_on.is_(None), GUIDE.c.superseded_on > on),
    )


def readable(divisions: Collection[str], of_organs: Any) -> ColumnElement[bool]:
    """Condition: no draft and of one of these divisions, or of an own organ."""
    shared = and_(GUIDE.c.state != "draft", GUIDE.c.division_code.in_(sorted(divisions)))
    return or_(shared, of_organs(GUIDE.c.organ_code))


async def found(
    session: AsyncSession,
    *conditions: ColumnElement[bool],
    after: Key | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Versions that fulfil all conditions, most specific topic first, then place, then newest."""
    keys = (
        GUIDE.c.category_code, GUIDE.c.division_code, GUIDE.c.valid_from, GUIDE.c.guide_id,
        GUIDE.c.version,
    )  # fmt: skip
    query = select(GUIDE).where(*conditions)
    if after is not None:
        query = query.where(tuple_(*keys) < tuple_(*after))
    query = query.order_by(*(key.desc() for key in keys)).limit(limit)
    return (await session.execute(query)).all()


async def versions(
    session: AsyncSession, guide_id: UUID, scope: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """The versions of a chain the caller may read, newest first."""
    query = select(GUIDE).where(GUIDE.c.guide_id == guide_id, scope)
    return (await session.execute(query.order_by(GUIDE.c.version.desc()))).all()
