"""The inbox: every received envelope is kept raw, and marked done in the transaction of its effect.

Receiving and handling are two steps, alike for both buses: `store` makes a delivery durable (the
bus may acknowledge then), `work` takes what is new in batches. A batch that fails is taken again
one by one, so a poisoned neighbour harms nobody; what keeps failing is parked with its reason.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import ScalarSelect, Select, Table, bindparam, select, update

from shared.contracts.envelope import Envelope, EventData
from shared.db.engine import Database
from shared.db.many import OnConflict, insert_many, one_of
from shared.db.tables import CommonTables, not_done
from shared.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from shared.kernel.clock import SystemClock
from shared.kernel.crash_points import CrashPoint, reach
from shared.kernel.errors import kind_and_place
from shared.kernel.lanes import lane_of
from shared.messaging.streams import (
    Verdict,
    in_stream_order,
    judge_streams,
    move_cursors,
)
from shared.messaging.subscriptions import Around, NotYet, Received, Subscriptions, untraced

log = structlog.get_logger()

BATCH = 500
BACKOFF_SECONDS = (0.1, 0.5, 2.0, 8.0, 20.0)
"""Waits between attempts; an event that failed once more after the last one is parked."""
HOLD_SECONDS = 5.0
HANDLING_SECONDS = 60.0
"""How long a batch may take; a handler that does not return has failed like one that raises."""
OPEN = ("new", "held")
PERMANENT = (ValidationError, KeyError)
"""Errors that no repetition mends: the event is parked at once."""


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    envelope: str
    attempts: int


class Inbox:
    """The inbox of one consumer."""

    def __init__(
        self,
        *,
        database: Database,
        tables: CommonTables,
        units: UnitOfWorkFactory,
        subscriptions: Subscriptions,
        wake: Callable[[], None],
        around: Around = untraced,
        lanes: int = 1,
    ) -> None:
        self._database = database
        self._table = tables.inbox
        self._tables = tables
        self._units = units
        self._subscriptions = subscriptions
        self._wake = wake
        self._around = around
        self._lanes = lanes
        self._clock = SystemClock()
        self._due = {waited: _due(tables.inbox, waited=waited) for waited in (False, True)}
        self._claim = {w: due.with_for_update(skip_locked=True) for w, due in self._due.items()}
        self._first = select(*(_first(due, tables.inbox) for due in self._due.values()))

    async def store(self, raw: Sequence[bytes]) -> None:
        """Keep envelopes durably, each once; returning means the bus may acknowledge them."""
        if not raw:
            return
        now = self._clock.now()
        rows = [_inbox_row(body, now, lanes=self._lanes) for body in raw]
        async with self._database.writing_once() as session:
            await insert_many(session, self._table, rows, conflict=OnConflict(("id",)))
        reach(CrashPoint.INBOX_STORED)
        self._wake()

    async def work(self, lane: int = 0) -> int:
        """Handle what is due in a lane, a batch of new rows, then one of rows that waited; returns
        how many rows were looked at.

        New rows first and apart: what waits may wait for one of them, and would make the batch
        fail that both were in."""
        looked = 0
        for waited in await self._kinds_due(lane):
            if looked < BATCH:
                looked += await self._work_batch(lane, waited=waited)
        return looked

    async def _kinds_due(self, lane: int) -> Sequence[bool]:
        """Which rows there are to handle: new ones (False), ones that waited long enough (True).

        One look without a transaction, since most polls find neither."""
        async with self._database.reading() as session:
            found = (await session.execute(self._first, self._values(lane))).one()
        return [waited for waited, first in zip(self._due, found, strict=True) if first is not None]

    async def _work_batch(self, lane: int, *, waited: bool) -> int:
        try:
            async with self._units.begin() as uow, asyncio.timeout(HANDLING_SECONDS):
                rows = await self._due_rows(lane, waited=waited, uow=uow)
                await self._apply(rows, uow)
            reach(CrashPoint.INBOX_COMMITTED)
            return len(rows)
        except Exception as error:  # noqa: BLE001  whatever it is: find the guilty one alone
            log.info(
                "inbox.batch_failed",
                consumer=self._subscriptions.consumer,
                error=kind_and_place(error),
            )
        rows = await self._due_rows(lane, waited=waited)
        for row in rows:
            await self._alone(row)
        return len(rows)

    async def replayed(self, types: frozenset[str]) -> AsyncIterator[list[Received[EventData]]]:
        """All events of these types that were ever handled, in the order received, in batches."""
        position: int | None = 0
        while position is not None:
            events, position = await self.handled_after(position, types)
            if events:
                yield events

    async def handled_after(
        self, position: int, types: frozenset[str]
    ) -> tuple[list[Received[EventData]], int | None]:
        """The next batch of handled events of these types after a position in the inbox, and the
        position of its last one; None when there are no more."""
        async with self._database.reading() as session:
            found = await session.execute(
                select(self._table.c.position, self._table.c.envelope)
                .where(self._table.c.position > position, self._table.c.state == "done")
                .where(self._table.c.type.in_(types))
                .order_by(self._table.c.position)
                .limit(BATCH)
            )
            rows = found.all()
        events = [self._subscriptions.read(Envelope.parse(row.envelope)) for row in rows]
        return events, rows[-1].position if rows else None

    async def _due_rows(
        self, lane: int, *, waited: bool, uow: UnitOfWork | None = None
    ) -> list[_Row]:
        values = self._values(lane)
        if uow is not None:
            return [_Row(*row) for row in await uow.session.execute(self._claim[waited], values)]
        async with self._database.reading() as session:
            return [_Row(*row) for row in await session.execute(self._due[waited], values)]

    async def _apply(self, rows: Sequence[_Row], uow: UnitOfWork) -> None:
        events = [self._subscriptions.read(Envelope.parse(row.envelope)) for row in rows]
        verdicts, cursors = await judge_streams(
            uow.session, self._tables.stream, events, self._subscriptions.contiguous
        )
        events = in_stream_order(events, self._subscriptions.contiguous)
        ready = [e for e in events if verdicts[e.envelope.id] is Verdict.APPLY]
        await self._subscriptions.apply(ready, uow, self._around)
        held = [e.envelope.id for e in events if verdicts[e.envelope.id] is Verdict.HOLD]
        done = [e.envelope.id for e in events if verdicts[e.envelope.id] is not Verdict.HOLD]
        await self._mark(uow, done, state="done", done_at=self._now(), reason=None)
        until = self._now() + timedelta(seconds=HOLD_SECONDS)
        await self._mark(uow, held, state="held", next_attempt_at=until, reason="gap")
        await move_cursors(uow.session, self._tables, cursors)
        reach(CrashPoint.INBOX_APPLIED)

    async def _alone(self, row: _Row) -> None:
        try:
            async with self._units.begin() as uow, asyncio.timeout(HANDLING_SECONDS):
                if await self._is_open(row, uow):
                    await self._apply([row], uow)
        except NotYet as wait:
            until = self._now() + timedelta(seconds=1.0)
            await self._note(row, state="held", next_attempt_at=until, reason=f"waits: {wait}")
        except Exception as error:  # noqa: BLE001  every failure is kept with its reason
            attempts = row.attempts + 1
            if isinstance(error, PERMANENT) or attempts > len(BACKOFF_SECONDS):
                log.warning("inbox.parked", consumer=self._subscriptions.consumer,
                          event_id=str(row.id), error=kind_and_place(error))  # fmt: skip
                await self._note(
                    row, state="parked", attempts=attempts, reason=kind_and_place(error)
                )
                return
            until = self._now() + timedelta(seconds=BACKOFF_SECONDS[attempts - 1])
            await self._note(
                row,
                state="new",
                attempts=attempts,
                next_attempt_at=until,
                reason=kind_and_place(error),
            )

    async def _is_open(self, row: _Row, uow: UnitOfWork) -> bool:
        """Lock a row read earlier; False when another process has handled it, or is at it."""
        table = self._table
        found = await uow.session.execute(
            select(table.c.id)
            .where(table.c.id == row.id, table.c.state.in_(OPEN))
            .with_for_update(skip_locked=True)
        )
        return found.first() is not None

    async def _note(self, row: _Row, **values: Any) -> None:
        async with self._units.begin() as uow:
            if await self._is_open(row, uow):
                await self._mark(uow, [row.id], **values)

    async def _mark(self, uow: UnitOfWork, ids: Sequence[UUID], **values: Any) -> None:
        if ids:
            await uow.session.execute(
                update(self._table)
                .where(one_of(uow.session, self._table.c.id, ids))
                .values(**values)
            )

    def _values(self, lane: int) -> dict[str, Any]:
        return {"now": self._now(), "lane": lane}

    def _now(self) -> datetime:
        return self._clock.now()


def _due(table: Table, *, waited: bool) -> Select[Any]:
    """A batch of rows to handle: new ones, or those whose waiting is over at `now`.

    Made once: a statement made anew costs as much processor time as running it."""
    again = table.c.next_attempt_at
    return (
        select(table.c.id, table.c.envelope, table.c.attempts)
        .where(not_done(table), table.c.state.in_(OPEN))
        .where(table.c.lane == bindparam("lane", type_=table.c.lane.type))
        .where(again <= bindparam("now", type_=again.type) if waited else again.is_(None))
        .order_by(again if waited else table.c.position)
        .limit(BATCH)
    )


def _first(due: Select[Any], table: Table) -> ScalarSelect[Any]:
    """The first place of such rows, in the order of the partial index: asked only whether there are
    any, a planner may well read every envelope ever received."""
    place = table.c.position
    return due.with_only_columns(place).order_by(None).order_by(place).limit(1).scalar_subquery()


def _inbox_row(body: bytes, now: datetime, *, lanes: int) -> dict[str, Any]:
    """The row for a delivery; what is no envelope at all is kept too, parked under its hash."""
    common = {"received_at": now, "attempts": 0, "next_attempt_at": None, "done_at": None}
    try:
        envelope = Envelope.parse(body)
    except (ValidationError, ValueError):
        return common | {
            "id": UUID(bytes=hashlib.sha256(body).digest()[:16]),
            "source": "?",
            "type": "?",
            "subject": "?",
            "epoch": 0,
            "sequence": 0,
            "event_time": datetime(1970, 1, 1, tzinfo=UTC),
            "lane": 0,
            "envelope": body.decode("utf-8", "replace").replace("\x00", "\ufffd"),
            "state": "parked",
            "reason": "not an envelope",
        }
    return common | {
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "epoch": envelope.epoch,
        "sequence": envelope.sequence,
        "event_time": envelope.time,
        "lane": lane_of(envelope.partition, lanes),
        "envelope": body.decode(),
        "state": "new",
        "reason": None,
    }
