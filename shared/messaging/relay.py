"""From outbox to bus: publish outside any transaction, mark exactly what was confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, Table, bindparam, exists, func, or_, select, update

from shared.db.engine import Database
from shared.db.many import one_of
from shared.db.tables import CommonTables
from shared.kernel.clock import SystemClock
from shared.kernel.crash_points import CrashPoint, reach
from shared.kernel.lanes import in_lane
from shared.messaging.bus import Bus, Outgoing
from shared.messaging.lease import Lease

log = structlog.get_logger()

BATCH = 500
MAX_WAIT_SECONDS = 30.0


class Relay:
    """Publishes a lane of one database's outbox in order of recording; run by one process at a
    time.

    A row that can't be published waits with a growing delay and holds back only later rows of its
    own subject. An event may be published twice (a crash between confirm and mark): inboxes know
    its id. The lease stands for a claim on every unsent row, so rows need no claim of their own.
    """

    def __init__(
        self, *, database: Database, tables: CommonTables, bus: Bus, lane: int = 0
    ) -> None:
        self._database = database
        self._table = tables.outbox
        self._bus = bus
        self._clock = SystemClock()
        self._oldest = _oldest_unsent(tables.outbox)
        self.lane = lane
        self.lease = Lease(database, tables, in_lane("relay", lane))

    async def work(self) -> int:
        """Publish one batch; returns how many events were confirmed."""
        if not self._bus.is_ready:
            return 0  # rows wait without counting attempts; the bus wakes us when it is back
        if self.lease.is_elsewhere and not await self.lease.hold():
            return 0
        rows = await self._unsent()
        if not rows or not await self.lease.hold():
            return 0
        result = await self._bus.publish(
            [Outgoing(id=row.id, type=row.type, body=row.envelope, lane=self.lane) for row in rows]
        )
        reach(CrashPoint.RELAY_PUBLISHED)
        await self._mark(rows, confirmed=result.confirmed, failed=result.failed)
        return len(result.confirmed)

    async def lag(self) -> tuple[int, float]:
        """(unsent events of all lanes, age of the oldest in seconds): what readiness and alarms
        watch."""
        table = self._table
        async with self._database.reading() as session:
            count, oldest = (
                await session.execute(
                    select(func.count(), func.min(table.c.position)).where(
                        table.c.published_at.is_(None)
                    )
                )
            ).one()
            if not count:
                return 0, 0.0
            recorded = await session.scalar(
                select(table.c.recorded_at).where(table.c.position == oldest)
            )
        age = (self._clock.now() - recorded).total_seconds() if recorded else 0.0
        return int(count), max(0.0, age)

    async def _unsent(self) -> Sequence[Any]:
        """The oldest unsent rows that neither wait themselves nor stand behind one that does."""
        async with self._database.reading() as session:
            found = await session.execute(
                self._oldest, {"now": self._clock.now(), "lane": self.lane}
            )
            rows: Sequence[Any] = found.all()
            return rows

    async def _mark(
        self, rows: Sequence[Any], *, confirmed: set[UUID], failed: dict[UUID, str]
    ) -> None:
        now = self._clock.now()
        table = self._table
        if confirmed:
            async with self._database.writing_once() as session:
                await session.execute(
                    update(table)
                    .where(one_of(session, table.c.id, confirmed))
                    .values(published_at=now)
                )
        if failed:
            late = [
                {
                    "row_id": row.id,
                    "tries": row.attempts + 1,
                    "again": now + timedelta(seconds=_wait(row.attempts)),
                    "why": failed[row.id][:200],
                }
                for row in rows
                if row.id in failed
            ]
            log.warning("relay.not_published", count=len(late), reason=late[0]["why"])
            async with self._database.writing() as session:
                connection = await session.connection()
                await connection.execute(
                    update(table)
                    .where(table.c.id == bindparam("row_id"))
                    .values(
                        attempts=bindparam("tries"),
                        next_attempt_at=bindparam("again"),
                        reason=bindparam("why"),
                    ),
                    late,
                )


def _oldest_unsent(table: Table) -> Select[Any]:
    ahead = table.alias()
    now = bindparam("now", type_=table.c.next_attempt_at.type)
    behind_a_waiting_row = exists().where(
        ahead.c.subject == table.c.subject,
        ahead.c.published_at.is_(None),
        ahead.c.position < table.c.position,
        ahead.c.next_attempt_at > now,
    )
    return (
        select(table.c.id, table.c.type, table.c.envelope, table.c.attempts)
        .where(table.c.published_at.is_(None))
        .where(table.c.lane == bindparam("lane", type_=table.c.lane.type))
        .where(or_(table.c.next_attempt_at.is_(None), table.c.next_attempt_at <= now))
        .where(~behind_a_waiting_row)
        .order_by(table.c.position)
        .limit(BATCH)
    )


def _wait(attempts: int) -> float:
    return float(min(MAX_WAIT_SECONDS, 0.2 * 2**attempts))
