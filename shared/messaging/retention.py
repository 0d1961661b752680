"""Rows of outbox and inbox that nothing needs any more, removed by age if the deployment says so.

Never removed, however old: what was not sent, what was not handled, and of each subject the newest
handled event. So a rebuild of figures, which folds the newest whole facts, gives the same; a
repeat of what was removed is outranked by what is kept; and what was true on any day since the
horizon can still be read (`inbox_kept_since`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.catalogue import DIGESTS
from shared.db.engine import Database
from shared.db.notes import read_note, write_note
from shared.db.tables import CommonTables
from shared.kernel.clock import Clock, SystemClock

PAGE_ROWS = 500
INBOX_SINCE, OUTBOX_SINCE = "inbox_kept_since", "outbox_kept_since"
"""Notes: what was received, or recorded, from then on is all there."""
ROUND_SECONDS = 24 * 3600.0


class Retention:
    """Removes a page of each table at a time; 0 days keep everything."""

    def __init__(
        self,
        *,
        database: Database,
        tables: CommonTables,
        service: str,
        clock: Clock,
        inbox_days: int,
        outbox_days: int,
    ) -> None:
        self._database = database
        self._tables = tables
        self._has_digest = service in DIGESTS
        self._clock = clock
        self._machine = SystemClock()
        self._inbox_days = inbox_days
        self._outbox_days = outbox_days
        self._position = 0
        self._next_round = self._machine.monotonic()
        self.removed = {"inbox": 0, "outbox": 0}

    async def work(self) -> int:
        """Look at a page of each table; how many rows were looked at. A round a day."""
        if self._machine.monotonic() < self._next_round:
            return 0
        looked = 0
        if self._inbox_days:
            looked += await self._inbox(self._horizon(self._inbox_days))
        if self._outbox_days:
            looked += await self._outbox(self._horizon(self._outbox_days))
        if not looked:
            self._position = 0
            self._next_round = self._machine.monotonic() + ROUND_SECONDS
        return looked

    def _horizon(self, days: int) -> datetime:
        """By the clock that is behind: that of what is recorded, or that of what is received."""
        return min(self._clock.now(), self._machine.now()) - timedelta(days=days)

    async def _inbox(self, horizon: datetime) -> int:
        """Remove handled events that were superseded before the horizon."""
        inbox = self._tables.inbox
        newer = inbox.alias()
        is_superseded = exists().where(
            newer.c.source == inbox.c.source,
            newer.c.subject == inbox.c.subject,
            newer.c.state == "done",
            newer.c.received_at < horizon,
            or_(
                newer.c.epoch > inbox.c.epoch,
                and_(newer.c.epoch == inbox.c.epoch, newer.c.sequence > inbox.c.sequence),
            ),
        )
        async with self._database.writing() as session:
            page = await session.scalars(
                select(inbox.c.position)
                .where(inbox.c.position > self._position, _is_old(inbox, horizon))
                .order_by(inbox.c.position)
                .limit(PAGE_ROWS)
            )
            positions = page.all()
            if not positions:
                return 0
            compared = await self._meta(session, "reconciled") or "0"
            gone = await session.scalars(
                delete(inbox)
                .where(inbox.c.position.between(positions[0], positions[-1]))
                .where(_is_old(inbox, horizon), is_superseded)
                .where(
                    or_(
                        inbox.c.type.not_in([each.TYPE for each in DIGESTS.values()]),
                        inbox.c.position <= int(compared),
                    )
                )
                .returning(inbox.c.position)
            )
            removed = len(gone.all())
            if removed:
                await self._note(session, INBOX_SINCE, horizon)
        self.removed["inbox"] += removed
        self._position = positions[-1]
        return len(positions)

    async def _outbox(self, horizon: datetime) -> int:
        """Remove sent events of hours that are long counted."""
        outbox = self._tables.outbox
        async with self._database.writing() as session:
            until: datetime | None = horizon
            if self._has_digest:
                counted = await self._meta(session, "digest_hour")
                until = min(horizon, datetime.fromisoformat(counted)) if counted else None
            if until is None:
                return 0
            page = await session.scalars(
                select(outbox.c.position)
                .where(outbox.c.recorded_at < until, outbox.c.published_at.is_not(None))
                .order_by(outbox.c.recorded_at)
                .limit(PAGE_ROWS)
            )
            positions = page.all()
            if positions:
                await session.execute(delete(outbox).where(outbox.c.position.in_(positions)))
                await self._note(session, OUTBOX_SINCE, until)
        self.removed["outbox"] += len(positions)
        return len(positions)

    async def _meta(self, session: AsyncSession, key: str) -> str | None:
        meta = self._tables.meta
        value: str | None = await session.scalar(select(meta.c.value).where(meta.c.key == key))
        return value

    async def _note(self, session: AsyncSession, key: str, since: datetime) -> None:
        before = await kept_since(session, self._tables, key)
        if before is None or before < since:
            await write_note(session, self._tables, key, {"at": since.isoformat()})


async def kept_since(session: AsyncSession, tables: CommonTables, key: str) -> datetime | None:
    """From when on a table has everything; None where nothing was ever removed."""
    at = (await read_note(session, tables, key)).get("at")
    return None if at is None else datetime.fromisoformat(at)


def _is_old(inbox: Table, horizon: datetime) -> ColumnElement[bool]:
    c = inbox.c
    return and_(c.state == "done", c.received_at < horizon, c.event_time < horizon)
