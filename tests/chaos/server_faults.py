"""Faults of the servers themselves; only ever of our own ones."""

from __future__ import annotations

import asyncio
import random
import signal

from tests.chaos.faults import Fault
from tests.chaos.ring import Ring
from tests.chaos.servers import Servers


def server_faults(servers: Servers) -> list[Fault]:
    """What can happen to broker and database."""
    postgres, rabbit = servers.postgres, servers.rabbit

    async def broker_stopped(ring: Ring, rng: random.Random) -> int:
        """A clean stop and a start: what was confirmed is there again."""
        rabbit.send(signal.SIGTERM)
        await rabbit.gone()
        await asyncio.sleep(rng.uniform(0, 5))
        await rabbit.start()
        return 0

    async def broker_killed(ring: Ring, rng: random.Random) -> int:
        """SIGKILL of the node, then a start with recovery."""
        rabbit.send(signal.SIGKILL)
        await rabbit.gone()
        await rabbit.start()
        return 0

    async def broker_frozen(ring: Ring, rng: random.Random) -> int:
        """It accepts connections and answers nothing."""
        rabbit.send(signal.SIGSTOP)
        await asyncio.sleep(rng.choice([4.0, 12.0, 35.0]))
        rabbit.send(signal.SIGCONT)
        return 0

    async def database_stopped(ring: Ring, rng: random.Random) -> int:
        """`pg_ctl stop -m immediate` under load, then crash recovery."""
        await postgres.stop_at_once()
        await asyncio.sleep(rng.uniform(0, 3))
        await postgres.start()
        return 0

    async def database_frozen(ring: Ring, rng: random.Random) -> int:
        """The cluster stands still and then goes on."""
        postgres.send(signal.SIGSTOP)
        await asyncio.sleep(rng.choice([3.0, 10.0, 20.0]))
        postgres.send(signal.SIGCONT)
        return 0

    return [
        Fault("broker stopped", broker_stopped, smoke=False),
        Fault("broker kill -9", broker_killed, smoke=False),
        Fault("broker SIGSTOP", broker_frozen, smoke=False),
        Fault("database immediate stop", database_stopped, smoke=False),
        Fault("database SIGSTOP", database_frozen, smoke=False),
    ]
