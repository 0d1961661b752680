"""Keys of case grants, and the log of what they opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.petitions.store.petitions import PETITION
from services.intake.petitions.store.tables import Progress
from services.intake.reveals.store.tables import GrantKey, Reveal
from shared.db.engine import insert_into
from shared.db.types import UtcDateTime

GRANT_KEY: Table = GrantKey.__table__  # type: ignore[attr-defined]
REVEAL: Table = Reveal.__table__  # type: ignore[attr-defined]
PROGRESS: Table = Progress.__table__  # type: ignore[attr-defined]


async def keep_key(session: AsyncSession, values: dict[str, Any]) -> None:
    """Take over a published key; the higher rank wins."""
    statement = insert_into(session, GRANT_KEY).values(values)
    newer = (GRANT_KEY.c.epoch < values["epoch"]) | (
        (GRANT_KEY.c.epoch == values["epoch"]) & (GRANT_KEY.c.sequence < values["sequence"])
    )
    await session.execute(
        statement.on_conflict_do_update(index_elements=["key_id"], set_=values, where=newer)
    )


async def keys_in_force(session: AsyncSession, *, now: datetime) -> dict[str, str]:
    """Public keys by id that may have signed a grant that holds now."""
    found = await session.execute(
        select(GRANT_KEY.c.key_id, GRANT_KEY.c.public_key).where(
            or_(GRANT_KEY.c.valid_to.is_(None), GRANT_KEY.c.valid_to > now)
        )
    )
    return {row.key_id: row.public_key for row in found}


async def locked_posts(session: AsyncSession, post: Table, person: str) -> dict[UUID, Row[Any]]:
    """Posts of a person by id, locked until the transaction ends.

    So all that one person opens happens one after the other, in whichever process (writers of a
    file database wait for each other anyway), and no post changes between look and act."""
    found = await session.execute(
        select(post).where(post.c.person == person).order_by(post.c.post_id).with_for_update()
    )
    return {row.post_id: row for row in found}


async def case_rank(
    session: AsyncSession, petition_id: UUID, case_id: UUID | None
) -> tuple[int, int] | None:
    """Rank of the newest fact known of the case that holds a petition, None when it is another."""
    found = await session.execute(
        select(PROGRESS.c.epoch, PROGRESS.c.sequence).where(
            PROGRESS.c.petition_id == petition_id, PROGRESS.c.case_id == case_id
        )
    )
    row = found.one_or_none()
    return (row.epoch, row.sequence) if row else None


async def is_used(session: AsyncSession, grant_id: UUID) -> bool:
    """Whether a grant has opened something already."""
    found = await session.scalar(select(REVEAL.c.grant_id).where(REVEAL.c.grant_id == grant_id))
    return found is not None


async def recent_reveals(
    session: AsyncSession, person: str, *, purposes: Iterable[str], since: datetime, most: int
) -> Sequence[datetime]:
    """When a person last opened the vault for one of the purposes, newest first."""
    found = await session.scalars(
        select(REVEAL.c.at)
        .where(REVEAL.c.person == person, REVEAL.c.at > since)
        .where(REVEAL.c.purpose.in_(list(purposes)))
        .order_by(REVEAL.c.at.desc())
        .limit(most)
    )
    return found.all()


async def reveals_of(session: AsyncSession, petition_id: UUID) -> Sequence[Any]:
    """When a petition was opened, by which organ and role, what for and why; oldest first."""
    found = await session.execute(
        select(
            REVEAL.c.at,
            REVEAL.c.organ_code,
            REVEAL.c.role,
            REVEAL.c.purpose,
            REVEAL.c.reason,
        )
        .where(REVEAL.c.petition_id == petition_id)
        .order_by(REVEAL.c.at, REVEAL.c.grant_id)
    )
    return found.all()


async def reveal_page(
    session: AsyncSession,
    post: Table,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Lines of the log with what names the petition, newest first, before a key. Conditions may
    be about the line, its petition and the post by which it was opened."""
    query = (
        select(REVEAL, PETITION.c.number, PETITION.c.sealed_id)
        .join(PETITION, PETITION.c.id == REVEAL.c.petition_id)
        .join(post, post.c.post_id == REVEAL.c.post_id)
        .where(*conditions)
        .order_by(REVEAL.c.at.desc(), REVEAL.c.grant_id.desc())
        .limit(limit)
    )
    if before is not None:
        at, grant_id = before
        key = tuple_(literal(at, UtcDateTime()), literal(grant_id))
        query = query.where(tuple_(REVEAL.c.at, REVEAL.c.grant_id) < key)
    return (await session.execute(query)).all()
