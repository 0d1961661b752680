"""Posts as routing, who owns them, has them at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Row,
    Subquery,
    Table,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.posts.store.tables import PostGivingRow
from shared.vocabulary.posts import PostStanding, Role

GIVING: Table = PostGivingRow.__table__  # type: ignore[attr-defined]
NOT_IN_FORCE = (PostStanding.PROPOSED, PostStanding.WITHDRAWN)
"""These stand in the table of givings alone."""
FACTS = ("post_id", "person", "organ_code", "division_code", "role", "valid_from", "valid_to")


async def post_in_force(
    session: AsyncSession,
    post: Table,
    person: str,
    organ_code: str,
    *,
    roles: Iterable[Role],
    now: datetime,
) -> Row[Any] | None:
    """One post of a person at an organ in one of the roles, None when there is none now."""
    query = (
        select(post)
        .where(post.c.person == person, post.c.organ_code == organ_code)
        .where(post.c.role.in_([str(role) for role in roles]))
        .where(post.c.valid_from <= now, or_(post.c.valid_to.is_(None), post.c.valid_to > now))
        .order_by(post.c.post_id)
        .limit(1)
    )
    return (await session.execute(query)).one_or_none()


async def heads_of(
    session: AsyncSession, post: Table, organ_code: str, *, now: datetime
) -> frozenset[str]:
    """Persons who are head (负责人) of an organ now."""
    query = select(post.c.person).where(
        post.c.organ_code == organ_code,
        post.c.role == str(Role.HEAD),
        post.c.valid_from <= now,
        or_(post.c.valid_to.is_(None), post.c.valid_to > now),
    )
    return frozenset(await session.scalars(query))


async def locked_post(session: AsyncSession, post: Table, post_id: UUID) -> Row[Any] | None:
    """A post that nobody else changes until the end of the transaction."""
    query = select(post).where(post.c.post_id == post_id).with_for_update()
    return (await session.execute(query)).one_or_none()


async def locked_operators(session: AsyncSession, post: Table) -> Sequence[Row[Any]]:
    """All posts of operators, held so that two of them can't end each other at once."""
    query = (
        select(post)
        .where(post.c.role == str(Role.OPERATOR))
        .order_by(post.c.post_id)
        .with_for_update()
    )
    return (await session.execute(query)).all()


async def locked_giving(session: AsyncSession, post_id: UUID) -> Row[Any] | None:
    """How a post was given, held as `locked_post` holds; None where its role needs nobody else."""
    query = select(GIVING).where(GIVING.c.post_id == post_id).with_for_update()
    return (await session.execute(query)).one_or_none()


async def settle(session: AsyncSession, post_id: UUID, **values: Any) -> None:
    """Note what became of a giving."""
    await session.execute(update(GIVING).where(GIVING.c.post_id == post_id).values(**values))


async def standing_counts(session: AsyncSession, post: Table, *, now: datetime) -> dict[str, int]:
    """How many posts wait for a second person, or are in force and were given by one alone."""
    is_over = select(post.c.post_id).where(post.c.valid_to <= now)
    query = (
        select(GIVING.c.standing, func.count())
        .where(GIVING.c.standing.in_([PostStanding.PROPOSED, PostStanding.ALONE]))
        .where(GIVING.c.post_id.not_in(is_over))
        .group_by(GIVING.c.standing)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


def posts_seen(post: Table) -> Subquery:
    """Posts and proposals as one table: the facts, how they came about and through whom."""
    known = select(
        *(post.c[name] for name in FACTS),
        func.coalesce(GIVING.c.standing, literal(PostStanding.ORDINARY.value)).label("standing"),
        GIVING.c.given_by, GIVING.c.settled_by,
    ).select_from(post.outerjoin(GIVING, GIVING.c.post_id == post.c.post_id))  # fmt: skip
    waiting = select(
        *(GIVING.c[name] for name in (*FACTS, "standing", "given_by", "settled_by"))
    ).where(GIVING.c.standing.in_(NOT_IN_FORCE))
    return union_all(known, waiting).subquery("posts_seen")


async def seen_page(
    session: AsyncSession, post: Table, conditions: Iterable[Any], *, limit: int
) -> Sequence[Row[Any]]:
    """Rows of `posts_seen` by id; `conditions` are made of its columns."""
    seen = posts_seen(post)
    query = select(seen).order_by(seen.c.post_id).limit(limit)
    return (await session.execute(query.where(*(each(seen.c) for each in conditions)))).all()
