"""One change: rows, audit lines and outgoing events, committed together or not at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import Envelope, EventData
from shared.db.engine import Database
from shared.db.tables import CommonTables
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.reference.editions import Reference


@dataclass(slots=True)
class Cause:
    """What set a change off: goes into every event it records."""

    correlation_id: str
    causation_id: str | None = None


@dataclass(slots=True)
class UnitOfWork:
    """The open transaction of one request, delivery or job.

    Nobody calls commit: the edge that opened the unit does (rule of the house). Events and audit
    lines gathered here are written by one statement each just before the commit.
    `reference` is the reference data in force, the same for the whole unit.
    """

    session: AsyncSession
    tables: CommonTables
    clock: Clock
    service: str
    epoch: int
    reference: Reference
    cause: Cause
    _events: list[dict[str, Any]] = field(default_factory=list)
    _audit: list[dict[str, Any]] = field(default_factory=list)

    @property
    def has_events(self) -> bool:
        """Whether the relay must be woken after the commit."""
        return bool(self._events)

    def record(self, event: EventData, *, subject_id: object, sequence: int) -> None:
        """Publish `event` when, and only when, this transaction commits.

        `sequence` is the version the aggregate has after this change."""
        contract = type(event)
        if contract.producer() != self.service:
            raise ValueError(f"{self.service} may not publish {contract.TYPE}")
        now = self.clock.now()
        envelope = Envelope(
            id=new_id(),
            source=self.service,
            type=contract.TYPE,
            subject=f"{contract.SUBJECT}/{subject_id}",
            time=now,
            sequence=sequence,
            epoch=self.epoch,
            correlationid=self.cause.correlation_id,
            causationid=self.cause.causation_id,
            data=event.model_dump(mode="json"),
        )
        self._events.append(
            {
                "id": envelope.id,
                "type": envelope.type,
                "subject": envelope.subject,
                "recorded_at": now,
                "envelope": envelope.to_json(),
            }
        )

    def audit(self, action: str, subject: str, *, actor: str, **detail: Any) -> None:
        """Note who did what to which object. `detail` must hold no identity and no text."""
        self._audit.append(
            {
                "at": self.clock.now(),
                "actor": actor,
                "action": action,
                "subject": subject,
                "detail": json.dumps(detail, ensure_ascii=False, default=str, sort_keys=True),
                "correlation_id": self.cause.correlation_id,
            }
        )

    async def insert_many(self, table: Any, rows: list[dict[str, Any]]) -> None:
        """Insert all rows in one round trip; every row must have the same keys."""
        if rows:
            await self.session.execute(insert(getattr(table, "__table__", table)), rows)

    async def flush(self) -> None:
        """Write what was gathered; called once by the edge just before the commit."""
        await self.insert_many(self.tables.outbox, self._events)
        await self.insert_many(self.tables.audit, self._audit)


class UnitOfWorkFactory:
    """Opens units of work for one service and wakes its relay after each commit with events."""

    def __init__(
        self,
        *,
        database: Database,
        tables: CommonTables,
        clock: Clock,
        service: str,
        on_commit: Callable[[], None],
    ) -> None:
        self._database = database
        self._tables = tables
        self._clock = clock
        self._service = service
        self._on_commit = on_commit
        self.epoch = 1
        self.reference: Reference | None = None

    @asynccontextmanager
    async def begin(self, cause: Cause | None = None) -> AsyncIterator[UnitOfWork]:
        """Open a unit; commits when the block ends, rolls back when it raises."""
        if self.reference is None:
            raise Unavailable("参考数据尚未载入")
        async with self._database.writing() as session:
            unit = UnitOfWork(
                session=session,
                tables=self._tables,
                clock=self._clock,
                service=self._service,
                epoch=self.epoch,
                reference=self.reference,
                cause=cause or Cause(correlation_id=str(new_id())),
            )
            yield unit
            await unit.flush()
        if unit.has_events:
            self._on_commit()
