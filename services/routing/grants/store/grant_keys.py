"""Public keys that were published for checking case grants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.grants.store.tables import GrantKeyRow
from shared.db.engine import insert_into

GRANT_KEY = cast(Table, GrantKeyRow.__table__)  # type: ignore[attr-defined]


async def published(session: AsyncSession) -> dict[str, Row[Any]]:
    """All keys ever published, by id."""
    return {row.key_id: row for row in await session.execute(select(GRANT_KEY))}


async def keep(session: AsyncSession, key: Mapping[str, Any], *, version: int) -> bool:
    """Store a key under its version; False when that version or a later one is there."""
    values = dict(key) | {"version": version}
    kept = await session.scalar(
        insert_into(session, GRANT_KEY)
        .values(values)
        .on_conflict_do_update(
            index_elements=["key_id"], set_=values, where=GRANT_KEY.c.version < version
        )
        .returning(GRANT_KEY.c.key_id)
    )
    return kept is not None
