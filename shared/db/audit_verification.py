"""Reads a service's audit table and seals and checks them against the anchors, page by page."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from shared.db.audit_chain import Anchor, Checker, Seal, Verdict
from shared.db.audit_sealer import audit_row
from shared.db.engine import Database
from shared.db.tables import CommonTables

PAGE_ROWS = 2000


async def verify_audit(
    database: Database, tables: CommonTables, *, service: str, anchors: Iterable[Anchor]
) -> tuple[Verdict, int]:
    """The verdict and the number of rows not yet sealed.

    Read the anchors before you call: the chain may only have grown since. Works beside a running
    service; a row that a transaction commits late may then look unsealed for a second."""
    audit, seal = tables.audit, tables.audit_seal
    checker = Checker(service, anchors)
    async with database.reading() as session:
        last, sound = 0, True
        while sound:
            found = await session.execute(
                select(
                    seal.c.ordinal,
                    seal.c.position.label("sealed_position"),
                    seal.c.sealed_at,
                    seal.c.hash,
                    audit,
                )
                .outerjoin_from(seal, audit, audit.c.position == seal.c.position)
                .where(seal.c.ordinal > last)
                .order_by(seal.c.ordinal)
                .limit(PAGE_ROWS)
            )
            page = found.all()
            for row in page:
                kept = Seal(row.ordinal, row.sealed_position, row.sealed_at, row.hash)
                sound = checker.take(kept, None if row.position is None else audit_row(row))
                if not sound:
                    break
            if not page:
                break
            last = page[-1].ordinal
        sealed = select(seal.c.position).where(seal.c.position == audit.c.position).exists()
        count, lowest = (
            await session.execute(select(func.count(), func.min(audit.c.position)).where(~sealed))
        ).one()
    return checker.verdict([lowest] if count else []), count
