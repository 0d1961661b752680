"""Guides in the database: versions of a chain, lists by topic, what a case is offered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Executable,
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

from services.routing.guides.domain import Content, Guide
from services.routing.guides.store.tables import GuideRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.guides import GuideKind, GuideState
from shared.workflow.entities import StaleVersion

GUIDE = cast(Table, GuideRow.__table__)  # type: ignore[attr-defined]
Key = tuple[str, str, date, UUID, int]
_OF_CONTENT = tuple(each.name for each in fields(Content))
_RENAMED = {"number": "version", "version": "revision"}
"""Members of a guide by the names of their columns and in answers, where they differ."""
_ELSEWHERE = frozenset(("content", "awaits", "earlier", "about", "journal"))
_OF_GUIDE = {
    each.name: _RENAMED.get(each.name, each.name)
    for each in fields(Guide)
    if each.name not in _ELSEWHERE
}


async def load(session: AsyncSession, guide_id: UUID) -> Guide | None:
    """A guide by its newest version, locked until the transaction ends; None when there is none."""
    query = select(GUIDE).where(GUIDE.c.guide_id == guide_id).order_by(GUIDE.c.version.desc())
    row = (await session.execute(query.limit(1).with_for_update())).one_or_none()
    if row is None:
        return None
    if row.state != GuideState.DRAFT:
        return guide_of(row)
    published = query.where(GUIDE.c.state != "draft").limit(1).with_for_update()
    earlier = (await session.execute(published)).one_or_none()
    return guide_of(row, earlier)


def chain(rows: Sequence[Any]) -> Guide:
    """A guide of the rows of its versions, newest first."""
    earlier = next((row for row in rows[1:] if row.state != "draft"), None)
    return guide_of(rows[0], earlier if rows[0].state == "draft" else None)


def guide_of(row: Any, earlier: Any = None) -> Guide:
    """A version of its row, beside a draft with the one that was published before."""
    said = {name: getattr(row, name) for name in _OF_CONTENT} | {"kind": GuideKind(row.kind)}
    plain = {name: getattr(row, column) for name, column in _OF_GUIDE.items()}
    return Guide(
        **plain | {"state": GuideState(row.state)}, content=Content(**said),
        earlier=earlier and guide_of(earlier),
    )  # fmt: skip


async def save(uow: UnitOfWork, guide: Guide) -> None:
    """Store a version, new or changed. Raises StaleVersion when it was changed since it was read or
    somebody else just made one."""
    before = guide.version
    guide.version += 1
    values = {column: getattr(guide, name) for name, column in _OF_GUIDE.items()}
    values |= asdict(guide.content)
    values |= {"state": str(guide.state), "kind": str(guide.content.kind)}
    values["changed_at"] = uow.clock.now()
    kept = (
        update(GUIDE).where(*_as_read(guide, before)).values(values)
        if before
        else insert_into(uow.session, GUIDE)
        .values(values)
        .on_conflict_do_nothing(index_elements=["guide_id", "version"])
    )
    await _once(uow, kept)


async def remove(uow: UnitOfWork, guide: Guide) -> None:
    """Remove a draft nobody has published. Raises StaleVersion."""
    await _once(uow, delete(GUIDE).where(*_as_read(guide, guide.version)))


def _as_read(guide: Guide, revision: int) -> tuple[ColumnElement[bool], ...]:
    key = (GUIDE.c.guide_id == guide.guide_id, GUIDE.c.version == guide.number)
    return (*key, GUIDE.c.revision == revision)


async def _once(uow: UnitOfWork, statement: Executable) -> None:
    done = cast(CursorResult[Any], await uow.session.execute(statement))
    if done.rowcount != 1:
        raise StaleVersion("内容已被他人更新，请刷新后再试")


async def supersede(uow: UnitOfWork, guide: Guide) -> None:
    """Earlier versions are offered up to the day before its first, if they were so long."""
    on = guide.content.valid_from
    await uow.session.execute(
        update(GUIDE)
        .where(GUIDE.c.guide_id == guide.guide_id, GUIDE.c.version < guide.number)
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
