"""Editions in a service's own tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.ranks import keep_newest
from shared.db.tables import CommonTables
from shared.kernel.clock import Clock
from shared.reference.editions import Edition, Reference, in_force

PACKAGED = 0
"""Epoch of an edition that came with the program and was never published: any publication of its id
outranks it."""
_parsed: dict[tuple[str, ...], Reference] = {}
"""Parsed references of this process by the hashes of their editions: four services share one."""


class NotMigrated(ValueError):
    """The database has no reference data: the migrate job has not finished here."""


async def save_editions(
    session: AsyncSession,
    tables: CommonTables,
    editions: Iterable[Edition],
    *,
    clock: Clock,
    epoch: int = PACKAGED,
) -> None:
    """Keep editions; one that is there already stays as it is (they are immutable), unless it was
    published in an earlier epoch than `epoch`."""
    table = tables.edition
    found = await session.execute(select(table.c.kind, table.c.edition_id, table.c.epoch))
    kept = {(row.kind, row.edition_id): row.epoch for row in found}
    for edition in editions:
        if kept.get((edition.kind, edition.edition_id), PACKAGED - 1) >= epoch:
            continue  # packing takes seconds for a tree
        row = {
            "kind": edition.kind,
            "edition_id": edition.edition_id,
            "effective_on": edition.effective_on,
            "sha256": edition.sha256,
            "content_xz": edition.pack(),
            "loaded_at": clock.now(),
            "epoch": epoch,
        }
        await keep_newest(session, table, [row], key=("kind", "edition_id"), sequence=None)


async def edition_on(session: AsyncSession, tables: CommonTables, kind: str, on: date) -> Edition:
    """The edition of a kind that is in force on a day, with its files. Raises NotMigrated."""
    table = tables.edition
    heads = await session.execute(
        select(table.c.edition_id, table.c.effective_on).where(table.c.kind == kind)
    )
    found = in_force((Edition(kind, row.edition_id, row.effective_on, {}) for row in heads), on)
    if kind not in found:
        raise NotMigrated("no reference data: run `xinfang migrate` first")
    chosen = found[kind]
    content = await session.scalar(
        select(table.c.content_xz).where(
            table.c.kind == kind, table.c.edition_id == chosen.edition_id
        )
    )
    return Edition.unpack(kind, chosen.edition_id, chosen.effective_on, content or b"")


async def load_reference(
    session: AsyncSession, tables: CommonTables, *, on: date, root_division: str
) -> Reference:
    """The reference data in force on a day. Raises NotMigrated."""
    table = tables.edition
    heads = (
        await session.execute(
            select(table.c.kind, table.c.edition_id, table.c.effective_on, table.c.sha256)
        )
    ).all()
    if not heads:
        raise NotMigrated("no reference data: run `xinfang migrate` first")
    chosen = in_force(
        (Edition(row.kind, row.edition_id, row.effective_on, {}) for row in heads), on
    )
    hashes = {(row.kind, row.edition_id): row.sha256 for row in heads}
    key = (
        root_division,
        *sorted(hashes[kind, edition.edition_id] for kind, edition in chosen.items()),
    )
    if key not in _parsed:
        full = {kind: await edition_on(session, tables, kind, on) for kind in chosen}
        _parsed.clear()
        _parsed[key] = Reference(full, root_division=root_division)
    return _parsed[key]
