"""Four services, a broker, watchers and a clock in one thread, driven by one seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.analytics.main import SPEC as ANALYTICS
from services.intake.main import SPEC as INTAKE
from services.supervision.duties.domain.clock_trust import ClockTrust, Reading
from services.supervision.duties.use_cases import firing
from services.supervision.main import SPEC as SUPERVISION
from shared.messaging.subscriptions import Received
from tests.sim import business
from tests.sim.machinery import Crash, Node, NodeClock, Passing, run
from tests.sim.stores import next_look
from tests.support.law import packaged_reference

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
TICKS = (timedelta(seconds=1), timedelta(minutes=2), timedelta(hours=9), timedelta(days=1),
         timedelta(days=6))  # fmt: skip
ERRORS = (timedelta(0), timedelta(seconds=1), timedelta(seconds=-3), timedelta(hours=1),
          timedelta(hours=-1), timedelta(days=1))  # fmt: skip
CRASH, PASSING, DUPLICATE, NOT_CONFIRMED = 0.05, 0.03, 0.1, 0.1
QUIET_ROUNDS = 400


class Watcher:
    """One watcher process: its own clock, what it remembers, and what it froze upon."""

    def __init__(self, truth: Callable[[], datetime]) -> None:
        self.clock = NodeClock(truth)
        self.trust = ClockTrust()
        self.frozen: tuple[datetime, list[UUID]] | None = None


class World:
    """See the module. `acknowledged` are petitions a client was told of; `fired_at` the true
    instant at which each event of supervision was committed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now, self.step = START, 0
        self.trouble = True
        subscriptions = (
            INTAKE.subscriptions, business.routing_subscriptions(self.rng, self.new_id),
            SUPERVISION.subscriptions, ANALYTICS.subscriptions,
        )  # fmt: skip
        self.nodes = {
            each.consumer: Node(each, self.truth, packaged_reference(), self.new_id)
            for each in subscriptions
        }
        self.queues: dict[str, list[Received[Any]]] = {name: [] for name in self.nodes}
        self.watchers = [Watcher(self.truth) for _ in range(self.rng.randint(1, 4))]
        self.acknowledged: set[UUID] = set()
        self.unsure: list[str] = []
        self.keys = 0
        self.fired_at: dict[UUID, datetime] = {}
        self._trace = hashlib.sha256()
        self._actions: list[tuple[Callable[[], str], int]] = [
            (self.file, 3), (self.retry, 2), (self.correct, 1), (self.act, 8), (self.relay, 10),
            (self.deliver, 14), (self.handle, 14), (self.watch, 5), (self.tick, 5),
            (self.skew, 1), (self.crash, 1), (self.restart, 4),
        ]  # fmt: skip

    def truth(self) -> datetime:
        """The true time."""
        return self.now

    def new_id(self) -> UUID:
        """An id of this seed."""
        return UUID(int=self.rng.getrandbits(128), version=4)

    @property
    def trace(self) -> str:
        """Hash over everything that happened so far."""
        return self._trace.hexdigest()

    def live(self, steps: int) -> None:
        """Let `steps` things happen."""
        actions, weights = zip(*self._actions, strict=True)
        for action in self.rng.choices(actions, weights, k=steps):
            self.step += 1
            self.note(f"{action.__name__}: {action()}")

    def note(self, what: str) -> None:
        """Add to the trace."""
        self._trace.update(f"{self.step} {self.now.isoformat()} {what}\n".encode())

    def heal(self) -> int:
        """End all trouble and let everything settle; rounds it took, QUIET_ROUNDS when it never
        does."""
        self.trouble = False
        for node in self.nodes.values():
            node.down, node.clock.error = False, timedelta(0)
        for watcher in self.watchers:
            watcher.clock.error = timedelta(0)
        while self.unsure:
            self.retry()
        for rounds in range(QUIET_ROUNDS):
            self.step += 50  # waits of outbox and inbox are over
            self.now += timedelta(seconds=61)  # so is the hold of a watcher's distrust
            before = [len(node.tables.get("outbox", {})) for node in self.nodes.values()]
            for name in self.nodes:
                self.relay(name)
                while self.queues[name]:
                    self.deliver(name)
                while self.nodes[name].due(self.step):
                    self.handle(name)
            for watcher in self.watchers:
                self.watch(watcher)
            after = [len(node.tables.get("outbox", {})) for node in self.nodes.values()]
            if after == before and not self.pending():
                return rounds
        return QUIET_ROUNDS

    def pending(self) -> int:
        """Events on their way: unsent, queued, new or held."""
        unsent: int = sum(not row.published for node in self.nodes.values()
                     for row in node.tables.get("outbox", {}).values())  # fmt: skip
        kept: int = sum(row.state != "done" for node in self.nodes.values()
                   for row in node.tables.get("inbox", {}).values())  # fmt: skip
        return unsent + kept + sum(map(len, self.queues.values()))

    def _perhaps(self, chance: float) -> bool:
        return self.trouble and self.rng.random() < chance

    def _commit(self, node: Node, unit: Any) -> None:
        """Commit, unless the process or the database fails before; it may die right after."""
        if self._perhaps(CRASH):
            node.down = True
            raise Crash
        if self._perhaps(PASSING):
            raise Passing
        node.commit(unit)
        for event_id in unit.session.own.get("outbox", {}):
            self.fired_at.setdefault(event_id, self.now)
        if self._perhaps(CRASH):
            node.down = True
            raise Crash

    def file(self) -> str:
        """A client files a petition under a new key."""
        self.keys += 1
        return self._file(f"key-{self.keys}")

    def retry(self) -> str:
        """A client that does not know what became of its request sends it again."""
        return self._file(self.unsure.pop(0)) if self.unsure else "nothing"

    def _file(self, key: str) -> str:
        node = self.nodes["intake"]
        if node.down:
            self.unsure.append(key)
            return f"{key} refused"
        try:
            unit = node.begin()
            petition_id = business.register(unit, self.rng, key=key, ids=self.new_id)
            self._commit(node, unit)
        except (Crash, Passing) as trouble:
            self.unsure.append(key)
            return f"{key} {type(trouble).__name__}"
        self.acknowledged.add(petition_id)
        return f"{key} {petition_id}"

    def correct(self) -> str:
        """A clerk corrects a petition."""
        return self._try("intake", lambda unit: business.correct(unit, self.rng))

    def act(self) -> str:
        """An officer takes the next step of some case."""
        return self._try("routing", lambda unit: business.act(unit, self.rng, self.new_id))

    def _try(self, name: str, change: Callable[[Any], object]) -> str:
        node = self.nodes[name]
        if node.down:
            return "down"
        unit = node.begin()
        done = change(unit)
        try:
            self._commit(node, unit)
        except (Crash, Passing) as trouble:
            return f"{done} {type(trouble).__name__}"
        return str(done)

    def relay(self, name: str | None = None) -> str:
        """Publish a batch; confirms may get lost, the process may die before it marks."""
        node = self.nodes[name or self.rng.choice(list(self.nodes))]
        rows = [] if node.down else node.unsent(self.step)
        confirmed = set()
        for row in rows:
            if self._perhaps(NOT_CONFIRMED):  # never arrived
                continue
            for consumer, queue in self.queues.items():
                if row.event.envelope.type in self.nodes[consumer].subscriptions.types:
                    queue.append(row.event)
            if not self._perhaps(NOT_CONFIRMED):  # else it arrived and nobody was told
                confirmed.add(row.event.envelope.id)
        if rows and self._perhaps(CRASH):
            node.down = True
            return f"{node.name} published {len(rows)}, died"
        if rows:
            node.mark(rows, confirmed, retry_at=self.step + self.rng.randint(1, 30))
        return f"{node.name} {len(confirmed)}/{len(rows)}"

    def deliver(self, name: str | None = None) -> str:
        """The broker hands over some messages, in trouble not the first ones and some twice."""
        node = self.nodes[name or self.rng.choice(list(self.nodes))]
        queue = self.queues[node.name]
        if node.down or not queue:
            return f"{node.name} -"
        places = list(range(min(len(queue), 12 if self.trouble else 50)))
        if self.trouble:
            self.rng.shuffle(places)
            places = places[: self.rng.randint(1, 5)]
        node.store([queue[place] for place in places])
        if self._perhaps(CRASH):  # stored, never acknowledged
            node.down = True
            return f"{node.name} stored {places}, died"
        for place in sorted(places, reverse=True):
            if not self._perhaps(DUPLICATE):
                del queue[place]
        return f"{node.name} {places}"

    def handle(self, name: str | None = None) -> str:
        """Work on a batch of the inbox."""
        node = self.nodes[name or self.rng.choice(list(self.nodes))]
        rows = [] if node.down else node.due(self.step)
        if not rows:
            return f"{node.name} -"
        unit = node.begin()
        node.apply(rows, unit, self.step)
        try:
            self._commit(node, unit)
        except (Crash, Passing) as trouble:
            return f"{node.name} {type(trouble).__name__}"
        return f"{node.name} {len(rows)}"

    def watch(self, watcher: Watcher | None = None) -> str:
        """A watcher's round; it may freeze between looking and firing, and wake up later."""
        watcher = watcher or self.rng.choice(self.watchers)
        node = self.nodes["supervision"]
        if watcher.frozen is not None:
            (now, ids), watcher.frozen = watcher.frozen, None
            return " ".join([self._fire(watcher, now, only=each) for each in ids])
        passed = (self.now - START).total_seconds()
        reading = Reading(wall=watcher.clock.now(), database=self.now, monotonic=passed)
        now_or_held = watcher.trust.judge(reading).now
        if now_or_held is None:
            return "held"
        looks = {key: next_look(d) for key, d in node.tables.get("duty", {}).items()}
        due = [key for key, at in looks.items() if at is not None and at <= now_or_held]
        if due and self._perhaps(0.2):
            watcher.frozen = (now_or_held, due)
            return f"froze over {len(due)}"
        return self._fire(watcher, now_or_held) if due else "-"

    def _fire(self, watcher: Watcher, now: datetime, only: UUID | None = None) -> str:
        node = self.nodes["supervision"]
        unit = node.begin()
        unit.clock = watcher.clock
        limit = self.rng.randint(1, 4) if self.trouble else 1000
        fired = run(firing.fire(unit, now, limit=limit, only=only))  # type: ignore[arg-type]
        down = node.down
        try:
            self._commit(node, unit)
        except (Crash, Passing) as trouble:
            node.down = down  # the watcher died, a process of its own
            watcher.trust = ClockTrust()
            return f"{len(fired)} {type(trouble).__name__}"
        return f"{len(fired)}"

    def tick(self) -> str:
        """Time passes."""
        self.now += self.rng.choice(TICKS)
        return ""

    def skew(self) -> str:
        """A clock steps."""
        clocks = [*(n.clock for n in self.nodes.values()), *(w.clock for w in self.watchers)]
        clock, error = self.rng.choice(clocks), self.rng.choice(ERRORS)
        clock.error = error
        return str(error)

    def crash(self) -> str:
        """A service dies in between."""
        node = self.nodes[self.rng.choice(list(self.nodes))]
        node.down = True
        return node.name

    def restart(self) -> str:
        """One that is down comes back."""
        down = [node for node in self.nodes.values() if node.down]
        if down:
            self.rng.choice(down).down = False
        return str(len(down))
