"""One seed: live in trouble, heal, check; let all deadlines pass, check again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.sim.checks import breaches
from tests.sim.stores import in_memory
from tests.sim.world import World

STEPS = 200
LATER = timedelta(days=200)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one seed gave: the hash of all that happened, and every broken promise."""

    seed: int
    trace: str
    petitions: int
    events: int
    fired: int
    breaches: tuple[str, ...]


def simulate(seed: int, *, steps: int = STEPS) -> Outcome:
    """Run one seed. The same seed gives the same trace on every machine."""
    world = World(seed)
    with in_memory(world.new_id):
        world.live(steps)
        found = list(breaches(world, world.heal()))
        world.now += LATER
        found += [f"200 days later: {each}" for each in breaches(world, world.heal())]
    for breach in found:
        world.note(breach)
    outboxes = [node.tables.get("outbox", {}) for node in world.nodes.values()]
    overdue = sum(row.event.envelope.type == "supervision.duty.overdue.v1"
                  for outbox in outboxes for row in outbox.values())  # fmt: skip
    world.note(f"{overdue} {sorted(map(str, world.acknowledged))}")
    return Outcome(seed, world.trace, world.keys, sum(map(len, outboxes)), overdue, tuple(found))
