"""One service of the simulation: durable tables, a unit of work, outbox, inbox; no clock, no I/O.

The tables are dictionaries of immutable values. A transaction works on copies and replaces the
tables when it commits, so a crash before that leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from services.intake.tables import TABLES
from shared.contracts.envelope import Envelope, EventData
from shared.db.unit_of_work import Cause
from shared.kernel.clock import DEFAULT_ZONE
from shared.kernel.workdays import local_date
from shared.messaging.streams import Verdict, in_stream_order, judge_streams
from shared.messaging.subscriptions import Received, Subscriptions

BATCH = 6
"""Rows a round takes: small, so that batches end in the middle of what belongs together."""


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never waits for anything. Raises RuntimeError if it does."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("the simulation has no I/O to wait for")


class Crash(Exception):
    """The process ends here."""


class Passing(Exception):
    """A database error that another try mends."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A row of an outbox."""

    event: Received[Any]
    published: bool = False
    wait_until: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of an inbox."""

    event: Received[Any]
    position: int
    state: str = "new"
    due_from: int = 0


class Tx:
    """A transaction: what it reads and writes are its own copies until it commits."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.own: dict[str, dict[Any, Any]] = {}

    def table(self, name: str) -> dict[Any, Any]:
        """A table as this transaction sees it."""
        if name not in self.own:
            self.own[name] = dict(self._node.tables.get(name, {}))
        return self.own[name]

    async def execute(self, _: object) -> list[Any]:
        """The one query of the machinery's pure part: the cursors of streams."""
        return [
            SimpleNamespace(source=source, subject=subject, epoch=epoch, sequence=sequence)
            for (source, subject), (epoch, sequence) in self.table("stream").items()
        ]


class NodeClock:
    """The clock of one process: the true time plus its own error."""

    def __init__(self, truth: Callable[[], datetime]) -> None:
        self.truth = truth
        self.error = timedelta(0)

    def now(self) -> datetime:
        """What this process believes."""
        return self.truth() + self.error

    zone = DEFAULT_ZONE

    def today(self) -> date:
        """The local date it believes."""
        return local_date(self.now(), self.zone)


@dataclass
class Unit:
    """Stands for shared.db.unit_of_work.UnitOfWork before the same use cases."""

    session: Tx
    clock: NodeClock
    reference: Any
    service: str
    make_id: Callable[[], UUID]
    cause: Cause = field(default_factory=lambda: Cause("simulation"))

    def record(self, event: EventData, *, subject_id: object, sequence: int) -> None:
        """Put an event into the outbox; it travels as JSON, as the real one does."""
        contract = type(event)
        assert contract.producer() == self.service, contract.TYPE
        envelope = Envelope(
            id=self.make_id(),
            source=self.service,
            type=contract.TYPE,
            subject=f"{contract.SUBJECT}/{subject_id}",
            time=self.clock.now(),
            sequence=sequence,
            epoch=1,
            correlationid=self.cause.correlation_id,
            data={},
        )
        data = contract.model_validate_json(event.model_dump_json())
        self.session.table("outbox")[envelope.id] = Sent(Received(envelope, data))


class Node:
    """One service. `applied` are the events of contiguous streams in the order they took effect."""

    def __init__(
        self, subscriptions: Subscriptions, truth: Callable[[], datetime], reference: Any,
        make_id: Callable[[], UUID],
    ) -> None:  # fmt: skip
        self.name = subscriptions.consumer
        self.subscriptions = subscriptions
        self.clock = NodeClock(truth)
        self.tables: dict[str, dict[Any, Any]] = {}
        self.down = False
        self._reference = reference
        self._make_id = make_id

    def begin(self) -> Unit:
        """A unit of work; nothing of it lasts before `commit`."""
        return Unit(Tx(self), self.clock, self._reference, self.name, self._make_id)

    def commit(self, unit: Unit) -> None:
        """Make a unit's writes durable, all at once."""
        self.tables |= unit.session.own

    def unsent(self, step: int) -> list[Sent]:
        """What a relay would take: the oldest, none that waits or stands behind one that does."""
        found, blocked = [], set()
        for row in self.tables.get("outbox", {}).values():
            if row.published:
                continue
            subject = row.event.envelope.subject
            if row.wait_until > step:
                blocked.add(subject)
            elif subject not in blocked:
                found.append(row)
        return found[:BATCH]

    def mark(self, rows: list[Sent], confirmed: set[UUID], *, retry_at: int) -> None:
        """Note what became of published rows."""
        outbox = dict(self.tables["outbox"])
        for row in rows:
            event_id = row.event.envelope.id
            sent = event_id in confirmed
            outbox[event_id] = replace(row, published=sent, wait_until=0 if sent else retry_at)
        self.tables["outbox"] = outbox

    def store(self, events: list[Received[Any]]) -> None:
        """Keep deliveries, each once."""
        inbox = dict(self.tables.get("inbox", {}))
        for event in events:
            inbox.setdefault(event.envelope.id, Kept(event, position=len(inbox)))
        self.tables["inbox"] = inbox

    def due(self, step: int) -> list[Kept]:
        """Rows to handle now."""
        rows = self.tables.get("inbox", {}).values()
        return [r for r in rows if r.state in ("new", "held") and r.due_from <= step][:BATCH]

    def apply(self, rows: list[Kept], unit: Unit, step: int) -> None:
        """Handle a batch as Inbox does: judge streams, run the reactions, mark, move cursors."""
        tx = unit.session
        verdicts, cursors = run(
            judge_streams(
                tx,  # type: ignore[arg-type]
                TABLES.stream,
                [row.event for row in rows],
                self.subscriptions.contiguous,
            )
        )
        events = in_stream_order([row.event for row in rows], self.subscriptions.contiguous)
        ready = [e for e in events if verdicts[e.envelope.id] is Verdict.APPLY]
        run(self.subscriptions.apply(ready, unit))  # type: ignore[arg-type]
        log = tx.table("applied")
        for event in ready:
            log[len(log)] = event.envelope
        inbox = tx.table("inbox")
        for row in rows:
            event_id = row.event.envelope.id
            hold = verdicts[event_id] is Verdict.HOLD
            inbox[event_id] = replace(
                row, state="held" if hold else "done", due_from=step + 20 if hold else 0
            )
        tx.table("stream").update(cursors)
        for event_id, row in inbox.items():
            key = (row.event.envelope.source, row.event.envelope.subject)
            if row.state == "held" and key in cursors:
                inbox[event_id] = replace(row, state="new", due_from=0)
