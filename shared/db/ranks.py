"""Rows that follow events: of each subject the newest is kept (shared/kernel/rank.py in SQL)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.engine import insert_into
from shared.db.tables import CommonTables
from shared.kernel.rank import Rank


async def keep_newest(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: tuple[str, ...],
    sequence: str | None = "sequence",
) -> bool:
    """Insert rows by `key`, or replace those that are older by (epoch, sequence); whether any was
    written. All rows have the same columns; `sequence` names the column of the
    version, None where a subject has only one in each epoch."""
    if not rows:
        return False
    statement = insert_into(session, table)
    new = statement.excluded
    changed = {name: getattr(new, name) for name in rows[0] if name not in key}
    older = _older(table, new, sequence)
    written = await session.execute(
        statement.values([dict(row) for row in rows])
        .on_conflict_do_update(index_elements=list(key), set_=changed, where=older)
        .returning(table.c[key[0]])
    )
    return written.first() is not None


async def note_rank(
    session: AsyncSession, tables: CommonTables, *, source: str, subject: str, rank: Rank
) -> bool:
    """Note the rank of an event whose effect has no row of its own to hold it; False for an event
    that is not newer than what was noted."""
    row = {"source": source, "subject": subject, "epoch": rank[0], "sequence": rank[1]}
    return await keep_newest(session, tables.stream, [row], key=("source", "subject"))


def _older(table: Table, new: Any, sequence: str | None) -> ColumnElement[bool]:
    """The stored row has the lower rank."""
    if sequence is None:
        return table.c.epoch < new.epoch  # type: ignore[no-any-return]
    return or_(
        table.c.epoch < new.epoch,
        and_(table.c.epoch == new.epoch, table.c[sequence] < getattr(new, sequence)),
    )
