"""Faults of the servers themselves; only ever of our own ones."""

from __future__ import annotations

import asyncio
import random
import signal

import asyncpg

from tests.chaos.faults import Fault
from tests.chaos.ring import Ring
from tests.chaos.servers import OwnPostgres, OwnRabbit

END_OURS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'xinfang'"
)


def broker_faults(rabbit: OwnRabbit) -> list[Fault]:
    """What can happen to the broker."""

    async def stopped(ring: Ring, rng: random.Random) -> int:
        """A clean stop and a start: what was confirmed is there again."""
        rabbit.send(signal.SIGTERM)
        await rabbit.gone()
        await asyncio.sleep(rng.uniform(0, 5))
        await rabbit.start()
        return 0

    async def killed(ring: Ring, rng: random.Random) -> int:
        """SIGKILL of the node, then a start with recovery."""
        rabbit.send(signal.SIGKILL)
        await rabbit.gone()
        await rabbit.start()
        return 0

    async def frozen(ring: Ring, rng: random.Random) -> int:
        """It accepts connections and answers nothing."""
        rabbit.send(signal.SIGSTOP)
        await asyncio.sleep(rng.choice([4.0, 12.0, 35.0]))
        rabbit.send(signal.SIGCONT)
        return 0

    async def alarmed(ring: Ring, rng: random.Random) -> int:
        """Out of memory, as it believes: it accepts connections and blocks who publishes."""
        await rabbit.evaluate("vm_memory_monitor:set_vm_memory_high_watermark({absolute, 1}).")
        try:
            await asyncio.sleep(rng.choice([4.0, 8.0, 15.0]))
        finally:
            await rabbit.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.8).")
        return 0

    return [
        Fault("broker stopped", stopped, smoke=False),
        Fault("broker kill -9", killed),
        Fault("broker SIGSTOP", frozen, smoke=False),
        Fault("broker memory alarm", alarmed, smoke=False),
    ]


def database_faults(postgres: OwnPostgres) -> list[Fault]:
    """What can happen to the database."""

    async def stopped(ring: Ring, rng: random.Random) -> int:
        """`pg_ctl stop -m immediate` under load, then crash recovery."""
        await postgres.stop_at_once()
        await asyncio.sleep(rng.uniform(0, 3))
        await postgres.start()
        return 0

    async def frozen(ring: Ring, rng: random.Random) -> int:
        """The cluster stands still and then goes on."""
        postgres.send(signal.SIGSTOP)
        await asyncio.sleep(rng.choice([3.0, 10.0, 20.0]))
        postgres.send(signal.SIGCONT)
        return 0

    async def ended(ring: Ring, rng: random.Random) -> int:
        """Every connection to the database is taken away, several times."""
        connection = await asyncpg.connect(postgres.url)
        try:
            for _ in range(3):
                await connection.execute(END_OURS)
                await asyncio.sleep(rng.uniform(0.3, 1.5))
        finally:
            await connection.close()
        return 0

    async def crowded(ring: Ring, rng: random.Random) -> int:
        """Somebody else has taken every connection the database gives."""
        ends = asyncio.get_running_loop().time() + rng.uniform(4, 9)
        taken: list[asyncpg.Connection] = []
        try:
            while asyncio.get_running_loop().time() < ends:
                try:
                    taken.append(await asyncpg.connect(postgres.url))
                    await taken[-1].execute(END_OURS)
                except (OSError, asyncpg.PostgresError):
                    await asyncio.sleep(0.05)
        finally:
            for each in taken:
                each.terminate()
        return 0

    return [
        Fault("database immediate stop", stopped),
        Fault("database SIGSTOP", frozen, smoke=False),
        Fault("database backends ended", ended, smoke=False),
        Fault("database connections gone", crowded, smoke=False),
    ]
