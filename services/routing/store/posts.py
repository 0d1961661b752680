"""Posts as routing, who owns them, has them at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.words import Role


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
