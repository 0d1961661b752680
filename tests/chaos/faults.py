"""The faults: each hurts the ring while load flows, heals it, and says what must be parked."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.contracts.routing import CaseAcceptedV1
from shared.kernel.crash_points import CrashPoint
from tests.chaos.ring import Ring, go_on, stop
from tests.support.deployment import SERVICES

LEASE_OVER = 11.0
"""Seconds after which a frozen holder's lease has run out."""

SMALL_MEGABYTES = 150
"""What a process has soon after its start."""
GROWTH_MEGABYTES = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble; `hurt` heals it again and returns how many events must be parked."""

    name: str
    hurt: Callable[[Ring, random.Random], Awaitable[int]]
    smoke: bool = True
    settle: float = 60.0
    """Seconds after healing in which all must agree."""


def faults(*, separated: bool) -> list[Fault]:
    """All that a kind of deployment can suffer."""
    if not separated:
        return [
            Fault("kill -9 standalone", killed("standalone")),
            Fault("impatient clients", impatient, smoke=False),
            Fault("crash at any point", crashed_somewhere),
            *(Fault(f"crash {p}", crashed(p, ("standalone",)), smoke=False) for p in CrashPoint),
        ]
    return [
        *(Fault(f"kill -9 {name}", killed(name), smoke=False) for name in SERVICES),
        Fault("kill -9 all, any order", swizzled, smoke=False),
        *(Fault(f"crash {p}", crashed(p, WHERE[p]), smoke=False) for p in CrashPoint),
        Fault("crash all, at any point", crashed_together),
        Fault("restart storm", storm, smoke=False),
        Fault("impatient clients", impatient, smoke=False),
        Fault("broker link cut", cut),
        Fault("broker link slow", slow, smoke=False),
        Fault("broker link frozen", frozen, smoke=False),
        Fault("broker link half-open", half_open, smoke=False),
        Fault("kill -9 behind a bad link", killed_behind, smoke=False),
        Fault("duplicated, reordered", repeated),
        Fault("poison messages", poisoned),
        Fault("frozen watcher", frozen_watcher),
    ]


WHERE: dict[CrashPoint, tuple[str, ...]] = {
    CrashPoint.REQUEST_BEFORE_COMMIT: ("intake", "routing"),
    CrashPoint.REQUEST_AFTER_COMMIT: ("intake", "routing"),
    CrashPoint.UNIT_FLUSHED: SERVICES,
    CrashPoint.RELAY_PUBLISHED: ("intake", "routing", "supervision"),
    CrashPoint.INBOX_STORED: SERVICES,
    CrashPoint.INBOX_APPLIED: SERVICES,
    CrashPoint.INBOX_COMMITTED: SERVICES,
    CrashPoint.WATCHER_UPDATED: ("supervision",),
}


def killed(name: str) -> Callable[[Ring, random.Random], Awaitable[int]]:
    """SIGKILL at a random moment."""

    async def hurt(ring: Ring, rng: random.Random) -> int:
        await asyncio.sleep(rng.uniform(0.3, 2.0))
        await ring.restart(name)
        return 0

    return hurt


async def swizzled(ring: Ring, rng: random.Random) -> int:
    """All four die one after another and come back in another order."""
    names = list(SERVICES)
    for name in rng.sample(names, len(names)):
        await ring.kill(name)
        await asyncio.sleep(rng.uniform(0, 0.5))
    for name in rng.sample(names, len(names)):
        ring.start(name)
        await asyncio.sleep(rng.uniform(0, 0.5))
    return 0


def crashed(
    point: CrashPoint, where: tuple[str, ...]
) -> Callable[[Ring, random.Random], Awaitable[int]]:
    """SIGKILL at a named point, at its n-th pass."""

    async def hurt(ring: Ring, rng: random.Random) -> int:
        name = rng.choice(where)
        # Duties that fall due together are fired in one go: that point is passed once.
        passes = 1 if point is CrashPoint.WATCHER_UPDATED else rng.randint(1, 4)
        await ring.restart(name, crash_point=f"{point}:{passes}")
        if point is CrashPoint.WATCHER_UPDATED:
            ring.advance(16)  # makes duties of earlier trials fall due
        async with asyncio.timeout(90):
            while ring.is_running(name):
                await asyncio.sleep(0.05)
        await ring.restart(name)
        return 0

    return hurt


async def crashed_somewhere(ring: Ring, rng: random.Random) -> int:
    """The one process of an embedded deployment, at a point of chance."""
    return await crashed(rng.choice(list(CrashPoint)), ("standalone",))(ring, rng)


async def crashed_together(ring: Ring, rng: random.Random) -> int:
    """All four at once, each at a point of its own."""
    points = [point for point in CrashPoint if point is not CrashPoint.WATCHER_UPDATED]
    await asyncio.gather(*(
        crashed(rng.choice([p for p in points if name in WHERE[p]]), (name,))(ring, rng)
        for name in SERVICES
    ))  # fmt: skip
    return 0


async def storm(ring: Ring, rng: random.Random) -> int:
    """Again and again some service dies as soon as another one is back."""
    for _ in range(6):
        await ring.restart(rng.choice(SERVICES))
        await asyncio.sleep(rng.uniform(0, 1.5))
    return 0


async def impatient(ring: Ring, rng: random.Random) -> int:
    """Clients hang up while they are being served, and ask again later."""
    ring.patience = rng.uniform(0.005, 0.03)
    await asyncio.sleep(4)
    ring.patience = Ring.patience
    return 0


async def cut(ring: Ring, rng: random.Random) -> int:
    """The connections to the broker are reset at any byte, several times."""
    for _ in range(3):
        await asyncio.sleep(rng.uniform(0.2, 1.0))
        assert ring.proxy
        ring.proxy.cut()
    return 0


async def frozen(ring: Ring, rng: random.Random) -> int:
    """Nothing goes through for a while, shorter or longer than a publish may take."""
    assert ring.proxy
    ring.proxy.freeze()
    await asyncio.sleep(rng.choice([3.0, 8.0, 25.0]))
    ring.proxy.thaw()
    return 0


async def slow(ring: Ring, rng: random.Random) -> int:
    """A kilobyte a second, or a little more, in each direction: what waits must not fill memory."""
    assert ring.proxy
    before = ring.memory()
    ring.proxy.pace = rng.choice([1000.0, 4000.0, 16000.0])
    await asyncio.sleep(rng.uniform(10, 20))
    ring.proxy.pace = None
    for name, megabytes in ring.memory().items():
        if megabytes > max(before[name], SMALL_MEGABYTES) + GROWTH_MEGABYTES:
            ring.complaints.append(f"{name} grew from {before[name]} to {megabytes} MB")
    return 0


async def half_open(ring: Ring, rng: random.Random) -> int:
    """The broker is no longer heard on any connection there is."""
    assert ring.proxy
    ring.proxy.half_open()
    await asyncio.sleep(rng.uniform(1, 6))
    return 0


async def killed_behind(ring: Ring, rng: random.Random) -> int:
    """A service dies and comes back while the broker is hard to reach."""
    trouble = rng.choice([cut, frozen, half_open, slow])
    await asyncio.gather(trouble(ring, rng), killed(rng.choice(SERVICES))(ring, rng))
    return 0


async def repeated(ring: Ring, rng: random.Random) -> int:
    """Every event of the last hours comes three times more, in any order."""
    await asyncio.sleep(2)
    known = [e for name in ("intake", "routing", "supervision") for e in await ring.events(name)]
    again = rng.sample(known, min(len(known), 400)) * 3
    rng.shuffle(again)
    await ring.publish([(each["type"], json.dumps(each).encode()) for each in again])
    return 0


async def poisoned(ring: Ring, rng: random.Random) -> int:
    """What is no JSON, no envelope, no known fact: parked by each who hears that type."""
    key = CaseAcceptedV1.TYPE
    subject = f"case/{uuid.UUID(int=rng.getrandbits(128), version=4)}"
    empty = {
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "source": "routing",
        "type": key, "subject": subject, "time": "2026-03-02T01:00:00Z", "sequence": 1,
        "epoch": 1, "correlationid": "chaos", "data": {"case": {"case_id": 7}},
    }  # fmt: skip
    unknown = empty | {"id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                       "type": "routing.case.accepted.v99"}  # fmt: skip
    bad = [b"\x00not json", json.dumps({"id": rng.random()}).encode(),
           json.dumps(empty).encode(), json.dumps(unknown).encode()]  # fmt: skip
    bad[0] += str(rng.random()).encode()
    await asyncio.sleep(1)
    await ring.publish([(key, each) for each in bad])
    await asyncio.sleep(1)
    return len(bad) * 3  # intake, supervision and analytics hear it


async def frozen_watcher(ring: Ring, rng: random.Random) -> int:
    """One to three further watchers; the first one sleeps while duties fall due, then wakes."""
    watchers = [ring.start_watcher() for _ in range(rng.randint(1, 3))]
    sleeper = rng.choice([watchers[0].pid, None])
    await asyncio.sleep(4)
    ring.advance(16)
    await asyncio.sleep(rng.uniform(0, 0.3))
    if sleeper is None:
        ring.signal("supervision", signal.SIGSTOP)
    else:
        stop(sleeper)
    try:
        await asyncio.sleep(LEASE_OVER + rng.uniform(0, 4))
    finally:
        if sleeper is None:
            ring.signal("supervision", signal.SIGCONT)
        else:
            go_on(sleeper)
    await asyncio.sleep(2)
    ring.end_watchers()
    return 0
