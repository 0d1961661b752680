"""An operator's slip at the broker: a queue is deleted or emptied, a binding is taken away.

Declaring anew is the migrate job's; what was lost meanwhile comes from the producers' feeds once
the digests of those hours are compared, so the clock goes on by an hour.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel

from services.deployment import topology
from shared.contracts.catalogue import DIGESTS
from shared.messaging.factory import declare_topology
from tests.chaos.faults import Fault
from tests.chaos.ring import Ring

DIGEST_SECONDS = 150.0
"""Digests are made and compared every half minute; then what they show must arrive."""
HOUR_AND_GRACE = 65


def queue_faults() -> list[Fault]:
    """What an operator can do to a queue."""
    return [
        Fault("queue deleted", deleted, smoke=False, settle=DIGEST_SECONDS),
        Fault("queue purged", purged, smoke=False, settle=DIGEST_SECONDS),
        Fault("binding lost", unbound, smoke=False, settle=DIGEST_SECONDS),
    ]


async def deleted(ring: Ring, rng: random.Random) -> int:
    """The consumer must say so, and hear again without a restart."""
    names = topology(ring.settings)
    consumer = rng.choice(sorted(names.consumers))
    async with _operator(ring) as channel:
        await channel.queue_delete(names.queue(consumer))
    await ring.not_ready(consumer, "bus")
    await asyncio.sleep(rng.uniform(0, 3))
    await _mend(ring)
    return 0


async def purged(ring: Ring, rng: random.Random) -> int:
    """A queue is emptied while its consumer is down: the events in it are gone."""
    names = topology(ring.settings)
    consumer = rng.choice(sorted(names.consumers))
    await ring.kill(consumer)
    await asyncio.sleep(rng.uniform(2, 4))
    async with _operator(ring) as channel:
        queue = await channel.get_queue(names.queue(consumer))
        await queue.purge()
    ring.start(consumer)
    await ring.answers(consumer)
    await _mend(ring)
    return 0


async def unbound(ring: Ring, rng: random.Random) -> int:
    """Some types no longer reach one consumer, while others still get them."""
    names = topology(ring.settings)
    consumer, types = rng.choice(sorted(names.consumers.items()))
    digests = {contract.TYPE for contract in DIGESTS.values()}
    async with _operator(ring) as channel:
        queue = await channel.get_queue(names.queue(consumer))
        exchange = await channel.get_exchange(names.exchange)
        for each in rng.sample(sorted(types - digests), k=min(4, len(types - digests))):
            await queue.unbind(exchange, routing_key=each)
    await asyncio.sleep(rng.uniform(2, 5))
    await _mend(ring)
    return 0


async def _mend(ring: Ring) -> None:
    """What `xinfang migrate` does at the broker; then let the hour end."""
    await declare_topology(ring.broker, topology(ring.settings))
    await asyncio.sleep(1)
    ring.advance(minutes=HOUR_AND_GRACE)


@asynccontextmanager
async def _operator(ring: Ring) -> AsyncIterator[AbstractChannel]:
    connection = await aio_pika.connect(ring.broker)
    async with connection:
        yield await connection.channel()
