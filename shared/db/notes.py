"""What a job notes about where it stands, in its service's own database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.engine import insert_into
from shared.db.tables import CommonTables


async def read_note(session: AsyncSession, tables: CommonTables, key: str) -> dict[str, Any]:
    """What was noted last under a key, empty before the first time."""
    meta = tables.meta
    written = await session.scalar(select(meta.c.value).where(meta.c.key == key))
    noted: dict[str, Any] = json.loads(written) if written else {}
    return noted


async def write_note(
    session: AsyncSession, tables: CommonTables, key: str, state: Mapping[str, Any]
) -> None:
    """Note it, in the transaction of the step it tells of."""
    value = json.dumps(state, sort_keys=True)
    await session.execute(
        insert_into(session, tables.meta)
        .values(key=key, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )
