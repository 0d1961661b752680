"""Seals committed audit rows every second and anchors the head outside (decision 0019)."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.audit_anchor import AnchorFile
from shared.db.audit_chain import LONGEST_TRANSACTION, AuditRow, genesis, link
from shared.db.engine import Database
from shared.db.tables import CommonTables
from shared.kernel.clock import Clock, SystemClock

BATCH_ROWS = 1000


class ChainBroken(RuntimeError):
    """The chain in the database is not the one that was anchored, or its anchors are gone;
    `xinfang audit verify` says where. A person who knows why moves what is left of the anchors
    aside and begins new ones with `xinfang audit anchor`."""


class Sealer:
    """Chains audit rows in the order in which it meets them, not strictly by position.

    A transaction may commit after a later one has (its position is then a gap for a while). To
    wait for it would leave rows open to change; so each pass seals every committed row without a
    seal, by position, and the late one gets a later link. To keep passes cheap they look only
    above a floor: the highest position seen by a pass that lies `LONGEST_TRANSACTION` before
    another whole pass. Whatever was in flight below it has been sealed or has failed. The floor
    lives in memory; a new process looks at the whole table once and then begins above what was
    sealed that long ago.

    Two sealers at once (a frozen holder of the lease) are harmless: a link's number is a primary
    key, the slower one fails and starts anew. Seals are committed before they are anchored: a
    crash between the two leaves the anchor behind, never ahead.
    """

    def __init__(
        self, *, database: Database, tables: CommonTables, service: str, anchor: Path
    ) -> None:
        self._database = database
        self._audit, self._seal = tables.audit, tables.audit_seal
        self._service = service
        self._anchor = AnchorFile(anchor)
        self._clock: Clock = SystemClock()
        self._floor = 0
        self._passes: deque[tuple[float, int]] = deque()
        self._anchored: int | None = None
        self.is_broken = False
        """Whether the chain contradicts its anchors; nothing is sealed then."""

    async def work(self) -> int:
        """Seal what is there, at most `BATCH_ROWS`; returns how many rows were sealed.

        Raises ChainBroken when the last anchor contradicts the chain, OSError when the anchor
        can't be written."""
        if self._anchored is None:
            self._anchored = await self._compare_with_anchor()
        now = self._clock.now()
        async with self._database.reading() as session:
            rows = (await session.execute(self._unsealed())).all()
        if rows:
            async with self._database.writing() as session:
                ordinal, head = await self._chain(session, rows, now)
        else:
            async with self._database.reading() as session:
                ordinal, head = await self._head(session)
        if ordinal > self._anchored:
            await asyncio.to_thread(
                self._anchor.append, service=self._service, ordinal=ordinal, head=head, at=now
            )
            self._anchored = ordinal
        if len(rows) < BATCH_ROWS:
            if not self._passes:
                self._floor = await self._sealed_long_before(now)
            self._raise_floor(max((row.position for row in rows), default=0))
        return len(rows)

    async def unsealed_seconds(self, clock: Clock) -> float:
        """Age of the oldest committed row above the last sealed one; 0 when there is none."""
        last = select(func.coalesce(func.max(self._seal.c.position), 0)).scalar_subquery()
        async with self._database.reading() as session:
            oldest: datetime | None = await session.scalar(
                select(self._audit.c.at)
                .where(self._audit.c.position > last)
                .order_by(self._audit.c.position)
                .limit(1)
            )
        return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0

    async def _chain(
        self, session: AsyncSession, rows: list[Row[Any]], now: datetime
    ) -> tuple[int, bytes]:
        ordinal, head = await self._head(session)
        seals = []
        for found in rows:
            ordinal += 1
            row = audit_row(found)
            head = link(head, ordinal=ordinal, sealed_at=now, row=row)
            seals.append(
                {"ordinal": ordinal, "position": row.position, "sealed_at": now, "hash": head}
            )
        await session.execute(insert(self._seal), seals)
        return ordinal, head

    async def _head(self, session: AsyncSession) -> tuple[int, bytes]:
        seal = self._seal.c
        found = await session.execute(
            select(seal.ordinal, seal.hash).order_by(seal.ordinal.desc()).limit(1)
        )
        last = found.first()
        return (last.ordinal, last.hash) if last else (0, genesis(self._service))

    def _unsealed(self) -> Select[Any]:
        audit, seal = self._audit, self._seal
        sealed = select(seal.c.position).where(seal.c.position == audit.c.position).exists()
        return (
            select(audit)
            .where(audit.c.position > self._floor, ~sealed)
            .order_by(audit.c.position)
            .limit(BATCH_ROWS)
        )

    async def _compare_with_anchor(self) -> int:
        """The ordinal of the last anchor, 0 without one.

        The seals are read in one statement and before the anchors: another sealer may work
        meanwhile, and what it seals and anchors after that reading contradicts nothing."""
        seal = self._seal.c
        first = select(seal.sealed_at).order_by(seal.ordinal).limit(1).scalar_subquery()
        newest = select(seal.sealed_at).order_by(seal.ordinal.desc()).limit(1).scalar_subquery()
        async with self._database.reading() as session:
            began, went_on = (await session.execute(select(first, newest))).one()
        last = await asyncio.to_thread(self._anchor.last)
        if last is None:
            # A crash before the very first anchor leaves the seals of one pass.
            self.is_broken = began != went_on
        else:
            async with self._database.reading() as session:
                kept = await session.scalar(select(seal.hash).where(seal.ordinal == last.ordinal))
            self.is_broken = kept != last.hash
        if self.is_broken:
            which = "has no anchors" if last is None else f"contradicts anchor {last.ordinal}"
            raise ChainBroken(f"audit chain of {self._service} {which}")
        return last.ordinal if last else 0

    async def _sealed_long_before(self, now: datetime) -> int:
        """A position given out a longest transaction ago; the first whole pass is behind us."""
        seal = self._seal.c
        async with self._database.reading() as session:
            position: int | None = await session.scalar(
                select(seal.position)
                .where(seal.sealed_at < now - LONGEST_TRANSACTION)
                .order_by(seal.ordinal.desc())
                .limit(1)
            )
        return position or 0

    def _raise_floor(self, highest: int) -> None:
        now = self._clock.monotonic()
        self._passes.append((now, max(highest, self._passes[-1][1] if self._passes else 0)))
        while self._passes and now - self._passes[0][0] >= LONGEST_TRANSACTION.total_seconds():
            self._floor = max(self._floor, self._passes.popleft()[1])


def audit_row(found: Row[Any]) -> AuditRow:
    """A row of the audit table as the chain sees it."""
    return AuditRow(
        position=found.position,
        at=found.at,
        actor=found.actor,
        action=found.action,
        subject=found.subject,
        detail=found.detail,
        correlation_id=found.correlation_id,
    )
