"""Source records, each the newest of its subject, and the petitions they concern."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Integer,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.sources.domain import SourceFacts, SourceRecord, from_json, to_json
from services.analytics.tables import METADATA
from shared.db.many import OnConflict, insert_many, one_of
from shared.kernel.rank import Rank

SOURCE = Table(
    "part",
    METADATA,
    Column("kind", String(8), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("petition_ids", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
)
"""The newest version of what one petition, case or duty says (guarded by epoch, sequence)."""

LINK = Table(
    "part_link",
    METADATA,
    Column("petition_id", Uuid, primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
)
"""Which sources concern a petition."""

AT_ONCE = 500
"""Ids in one IN list."""

Item = TypeVar("Item")


def slices(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in lists short enough for one statement."""
    everything = list(items)
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]


async def known(
    session: AsyncSession, records: Collection[SourceRecord]
) -> dict[tuple[str, UUID], tuple[Rank, tuple[UUID, ...]]]:
    """Rank and petitions of the stored versions of these records."""
    found: dict[tuple[str, UUID], tuple[Rank, tuple[UUID, ...]]] = {}
    columns = (
        SOURCE.c.kind,
        SOURCE.c.subject_id,
        SOURCE.c.epoch,
        SOURCE.c.sequence,
        SOURCE.c.petition_ids,
    )
    for kind in sorted({record.kind for record in records}):
        for ids in slices(record.subject_id for record in records if record.kind == kind):
            rows = await session.execute(
                select(*columns).where(
                    SOURCE.c.kind == kind, one_of(session, SOURCE.c.subject_id, ids)
                )
            )
            for row in rows:
                petitions = tuple(map(UUID, row.petition_ids))
                found[row.kind, row.subject_id] = ((row.epoch, row.sequence), petitions)
    return found


async def save(
    session: AsyncSession,
    records: Sequence[SourceRecord],
    *,
    dropped: Sequence[tuple[UUID, str, UUID]],
) -> None:
    """Write new versions; `dropped` are (petition, kind, subject) links that no longer hold."""
    ordered = sorted(records, key=lambda record: record.key)
    await insert_many(
        session,
        SOURCE,
        [_row(record) for record in ordered],
        conflict=OnConflict(("kind", "subject_id"), replaced=_CHANGING),
    )
    links = sorted(
        (petition, record.kind, record.subject_id)
        for record in ordered
        for petition in record.petition_ids
    )
    if dropped:
        names = ("petition", "record_kind", "subject")
        columns = (LINK.c.petition_id, LINK.c.kind, LINK.c.subject_id)
        matches = (c == bindparam(name) for c, name in zip(columns, names, strict=True))
        rows = [dict(zip(names, link, strict=True)) for link in dropped]
        await session.execute(delete(LINK).where(and_(*matches)), rows)
    names = ("petition_id", "kind", "subject_id")
    await insert_many(
        session,
        LINK,
        [dict(zip(names, link, strict=True)) for link in links],
        conflict=OnConflict(names),
    )


async def of_petitions(
    session: AsyncSession, petition_ids: Iterable[UUID]
) -> dict[UUID, list[SourceFacts]]:
    """All records that concern these petitions."""
    found: dict[UUID, list[SourceFacts]] = {}
    same = and_(SOURCE.c.kind == LINK.c.kind, SOURCE.c.subject_id == LINK.c.subject_id)
    for ids in slices(petition_ids):
        rows = await session.execute(
            select(LINK.c.petition_id, SOURCE.c.kind, SOURCE.c.facts)
            .join(SOURCE, same)
            .where(one_of(session, LINK.c.petition_id, ids))
        )
        for row in rows:
            found.setdefault(row.petition_id, []).append(from_json(row.kind, row.facts))
    return found


async def refresh(session: AsyncSession, records: Iterable[SourceRecord]) -> None:
    """Write the facts of stored records anew where the stored version is the given one."""
    same = (SOURCE.c.kind, SOURCE.c.subject_id, SOURCE.c.epoch, SOURCE.c.sequence)
    matches = (column == bindparam(f"of_{column.name}") for column in same)
    rows = [
        {
            "of_kind": record.kind,
            "of_subject_id": record.subject_id,
            "of_epoch": record.rank[0],
            "of_sequence": record.rank[1],
            "facts": to_json(record.facts),
        }
        for record in records
    ]
    if rows:
        connection = await session.connection()
        await connection.execute(update(SOURCE).where(*matches), rows)


async def clear(session: AsyncSession) -> None:
    """Forget all records."""
    await session.execute(delete(LINK))
    await session.execute(delete(SOURCE))


_CHANGING = ("epoch", "sequence", "petition_ids", "facts")


def _row(record: SourceRecord) -> dict[str, Any]:
    return {
        "kind": record.kind,
        "subject_id": record.subject_id,
        "epoch": record.rank[0],
        "sequence": record.rank[1],
        "petition_ids": [str(petition) for petition in record.petition_ids],
        "facts": to_json(record.facts),
    }
