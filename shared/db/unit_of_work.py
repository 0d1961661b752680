"""One change: rows, audit lines and outgoing events, committed together or not at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import EventData, written
from shared.db.engine import Database
from shared.db.many import insert_many, write_many
from shared.db.new_rows import NewRow
from shared.db.tables import CommonTables
from shared.kernel.clock import Clock
from shared.kernel.crash_points import CrashPoint, reach
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.kernel.lanes import lane_of
from shared.kernel.tracing import TRACEPARENT
from shared.reference.editions import Reference


@dataclass(slots=True)
class Cause:
    """What set a change off: goes into every event it records."""

    correlation_id: str
    causation_id: str | None = None


@dataclass(slots=True)
class UnitOfWork:
    """The open transaction of one request, delivery or job.

    Nobody calls commit: the edge that opened the unit does (rule of the house). New rows given to
    `add`, events and audit lines are written together just before the commit; a unit that did
    nothing else is written by a single statement where the engine can.
    `reference` is the reference data in force, the same for the whole unit.
    """

    database: Database
    tables: CommonTables
    clock: Clock
    service: str
    epoch: int
    reference: Reference
    cause: Cause
    lanes: int = 1
    has_events: bool = False
    has_audit: bool = False
    changes_posts: bool = False
    _session: AsyncSession | None = None
    _rows: list[NewRow] = field(default_factory=list)

    @property
    def session(self) -> AsyncSession:
        """The open transaction, for everything but new rows."""
        if self._session is None:
            self._session = self.database.open()
        return self._session

    def add(self, table: Any, *rows: dict[str, Any]) -> None:
        """Insert rows with the rest of the unit; nothing in this unit may read them back."""
        target: Table = getattr(table, "__table__", table)
        self._rows += [(target, row) for row in rows]

    def record(self, event: EventData, *, subject_id: object, sequence: int) -> None:
        """Publish `event` when, and only when, this transaction commits.

        `sequence` is the version the aggregate has after this change."""
        if event.producer() != self.service:
            raise ValueError(f"{self.service} may not publish {event.TYPE}")
        event_id, now = new_id(), self.clock.now()
        subject = f"{event.SUBJECT}/{subject_id}"
        key = str(event.matter() or subject)
        envelope = written(
            event,
            event_id=event_id,
            subject=subject,
            time=now,
            sequence=sequence,
            epoch=self.epoch,
            partitionkey=key,
            correlationid=self.cause.correlation_id,
            causationid=self.cause.causation_id,
            traceparent=TRACEPARENT.get(),
        )
        self.has_events = True
        self.add(
            self.tables.outbox,
            {
                "id": event_id,
                "type": event.TYPE,
                "subject": subject,
                "recorded_at": now,
                "envelope": envelope,
                "lane": lane_of(key, self.lanes),
            },
        )

    def audit(self, action: str, subject: str, *, actor: str, **detail: Any) -> None:
        """Note who did what to which object. `detail` must hold no identity and no text."""
        self.has_audit = True
        self.add(
            self.tables.audit,
            {
                "at": self.clock.now(),
                "actor": actor,
                "action": action,
                "subject": subject,
                "detail": json.dumps(detail, ensure_ascii=False, default=str, sort_keys=True),
                "correlation_id": self.cause.correlation_id,
            },
        )

    async def insert_many(self, table: Any, rows: list[dict[str, Any]]) -> None:
        """Insert all rows in one statement; every row must have the same keys."""
        await insert_many(self.session, getattr(table, "__table__", table), rows)

    async def write(self) -> None:
        """Write what was gathered now. Where the unit has done nothing else, this commits it.

        Raises sqlalchemy.exc.IntegrityError when a row is there already; a unit that had done
        nothing else may go on then as if it had just begun."""
        rows, self._rows = self._in_order(), []
        if not rows:
            return
        if self._session is None:
            await self.database.write_once(rows)
        else:
            await write_many(self._session, rows)

    async def end(self, *, commit: bool) -> None:
        """End the transaction if one was opened; for the edge that opened the unit."""
        if self._session is None:
            return
        async with self._session as session:  # closed whatever happens
            if commit:
                try:
                    await session.commit()
                except BaseException:
                    await session.rollback()  # a file's transaction outlives a commit that failed
                    raise

    def _in_order(self) -> list[NewRow]:
        """Rows of one table side by side, tables in the order they were first given."""
        first = {id(table): at for at, (table, _) in reversed(list(enumerate(self._rows)))}
        return sorted(self._rows, key=lambda row: first[id(row[0])])


class UnitOfWorkFactory:
    """Opens units of work for one service. After a commit with events it wakes the relay, after one
    with audit lines the sealer."""

    def __init__(
        self,
        *,
        database: Database,
        tables: CommonTables,
        clock: Clock,
        service: str,
        on_commit: Callable[[], None],
        on_posts_changed: Callable[[], None],
        on_audit: Callable[[], None],
        lanes: int = 1,
    ) -> None:
        self._database = database
        self._tables = tables
        self.clock = clock
        self._service = service
        self._on_commit = on_commit
        self._on_posts_changed = on_posts_changed
        self._on_audit = on_audit
        self.epoch = 1
        self.lanes = lanes
        self.reference: Reference | None = None

    @asynccontextmanager
    async def begin(self, cause: Cause | None = None) -> AsyncIterator[UnitOfWork]:
        """Open a unit; commits when the block ends, rolls back when it raises."""
        if self.reference is None:
            raise Unavailable("参考数据尚未载入")
        unit = UnitOfWork(
            database=self._database,
            tables=self._tables,
            clock=self.clock,
            service=self._service,
            epoch=self.epoch,
            reference=self.reference,
            lanes=self.lanes,
            cause=cause or Cause(correlation_id=str(new_id())),
        )
        try:
            yield unit
            await unit.write()
            reach(CrashPoint.UNIT_FLUSHED)
        except BaseException:
            await unit.end(commit=False)
            raise
        await unit.end(commit=True)
        if unit.changes_posts:
            self._on_posts_changed()
        if unit.has_events:
            self._on_commit()
        if unit.has_audit:
            self._on_audit()
