"""Parts as received, each the newest of its subject, and the petitions they bear on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.domain.parts import Facts, Part, from_json, to_json
from services.analytics.store.tables import PartLinkRow, PartRow
from shared.db.many import OnConflict, insert_many, one_of
from shared.kernel.rank import Rank

PART: Table = PartRow.__table__  # type: ignore[attr-defined]
LINK: Table = PartLinkRow.__table__  # type: ignore[attr-defined]
AT_ONCE = 500
"""Ids in one IN list."""

Item = TypeVar("Item")


def slices(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in lists short enough for one statement."""
    everything = list(items)
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]


async def known(
    session: AsyncSession, parts: Collection[Part]
) -> dict[tuple[str, UUID], tuple[Rank, tuple[UUID, ...]]]:
    """Rank and petitions of the stored versions of these parts."""
    found: dict[tuple[str, UUID], tuple[Rank, tuple[UUID, ...]]] = {}
    columns = (PART.c.kind, PART.c.subject_id, PART.c.epoch, PART.c.sequence, PART.c.petition_ids)
    for kind in sorted({part.kind for part in parts}):
        for ids in slices(part.subject_id for part in parts if part.kind == kind):
            rows = await session.execute(
                select(*columns).where(PART.c.kind == kind, one_of(session, PART.c.subject_id, ids))
            )
            for row in rows:
                petitions = tuple(map(UUID, row.petition_ids))
                found[row.kind, row.subject_id] = ((row.epoch, row.sequence), petitions)
    return found


async def save(
    session: AsyncSession, parts: Sequence[Part], *, dropped: Sequence[tuple[UUID, str, UUID]]
) -> None:
    """Write new versions; `dropped` are (petition, kind, subject) links that no longer hold."""
    ordered = sorted(parts, key=lambda part: part.key)
    await insert_many(
        session,
        PART,
        [_part_row(part) for part in ordered],
        conflict=OnConflict(("kind", "subject_id"), replaced=_CHANGING),
    )
    links = sorted(
        (petition, part.kind, part.subject_id) for part in ordered for petition in part.petition_ids
    )
    if dropped:
        names = ("petition", "part_kind", "subject")
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
) -> dict[UUID, list[Facts]]:
    """All parts that bear on these petitions."""
    found: dict[UUID, list[Facts]] = {}
    for ids in slices(petition_ids):
        rows = await session.execute(
            select(LINK.c.petition_id, PART.c.kind, PART.c.facts)
            .join(PART, and_(PART.c.kind == LINK.c.kind, PART.c.subject_id == LINK.c.subject_id))
            .where(one_of(session, LINK.c.petition_id, ids))
        )
        for row in rows:
            found.setdefault(row.petition_id, []).append(from_json(row.kind, row.facts))
    return found


async def clear(session: AsyncSession) -> None:
    """Forget all parts."""
    await session.execute(delete(LINK))
    await session.execute(delete(PART))


_CHANGING = ("epoch", "sequence", "petition_ids", "facts")


def _part_row(part: Part) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "subject_id": part.subject_id,
        "epoch": part.rank[0],
        "sequence": part.rank[1],
        "petition_ids": [str(petition) for petition in part.petition_ids],
        "facts": to_json(part.facts),
    }
