"""Partners and their signing secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.partners.store.tables import Partner, PartnerSecret
from shared.db.engine import insert_into

PARTNER: Table = Partner.__table__  # type: ignore[attr-defined]
SECRET: Table = PartnerSecret.__table__  # type: ignore[attr-defined]


async def add_partner(session: AsyncSession, values: dict[str, Any]) -> bool:
    """Insert a partner; False when the name is taken."""
    statement = insert_into(session, PARTNER).values(values)
    taken = await session.scalar(
        statement.on_conflict_do_nothing(index_elements=["name"]).returning(PARTNER.c.name)
    )
    return taken is not None


async def partner(session: AsyncSession, name: str) -> RowMapping | None:
    """A partner by name, active or not."""
    found = await session.execute(select(PARTNER).where(PARTNER.c.name == name))
    return found.mappings().one_or_none()


async def all_partners(session: AsyncSession) -> Sequence[RowMapping]:
    """Every partner by name; there are as many as counties."""
    found = await session.execute(select(PARTNER).order_by(PARTNER.c.name))
    return found.mappings().all()


async def set_active(session: AsyncSession, name: str, *, active: bool) -> None:
    """Let a partner in or keep it out."""
    await session.execute(update(PARTNER).where(PARTNER.c.name == name).values(active=active))


async def add_secret(
    session: AsyncSession, *, secret_id: UUID, name: str, value: str, now: datetime
) -> None:
    """Keep a new encrypted secret."""
    await session.execute(
        insert_into(session, SECRET).values(
            id=secret_id, partner=name, value=value, created_at=now, valid_to=None
        )
    )


async def retire_secrets(
    session: AsyncSession, name: str, *, at: datetime, but_newest: bool = False
) -> None:
    """Let every secret in force run out at `at`; with `but_newest` all that have an end already."""
    has_end = SECRET.c.valid_to > at
    await session.execute(
        update(SECRET)
        .where(SECRET.c.partner == name)
        .where(has_end if but_newest else or_(SECRET.c.valid_to.is_(None), has_end))
        .values(valid_to=at)
    )


async def secrets_in_force(
    session: AsyncSession, name: str, *, now: datetime
) -> Sequence[RowMapping]:
    """Encrypted secrets (id, value) of an active partner, newest first."""
    found = await session.execute(
        select(SECRET.c.id, SECRET.c.value)
        .join(PARTNER, PARTNER.c.name == SECRET.c.partner)
        .where(SECRET.c.partner == name, PARTNER.c.active)
        .where(or_(SECRET.c.valid_to.is_(None), SECRET.c.valid_to > now))
        .order_by(SECRET.c.created_at.desc())
    )
    return found.mappings().all()
