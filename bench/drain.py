"""20,000 events waiting: how fast the relay brings them to the broker, and how fast routing,
supervision and analytics, each alone on the machine, take them to their effect."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from typing import Any
from unittest.mock import patch

import aio_pika
import asyncpg

from bench.databases import fresh, plain_url
from bench.events import Made, contents, lives
from bench.processor import Processor
from services.deployment import SPECS, topology
from shared.kernel.clock import SystemClock
from shared.messaging import inbox, rabbitmq, relay
from shared.messaging.factory import make_bus
from shared.runtime.service import Service, ServiceSpec
from shared.runtime.settings import Settings

QUEUED = 20_000
ONE_BY_ONE = 300
SERVICES = {spec.name: spec for spec in SPECS}
POLL_SECONDS = 0.05
SINGLE = ((rabbitmq, "PREFETCH"), (rabbitmq, "BATCH"), (inbox, "BATCH"), (relay, "BATCH"))
"""What is 1 when events are taken one by one: in flight, stored, handled, published."""


async def bench_drain(*, rounds: int, seconds: float) -> dict[str, Any]:  # noqa: ARG001
    """Events per second of the relay and of each consumer, in batches and one by one."""
    found: dict[str, Any] = {}
    for name in ("routing", "supervision", "analytics"):
        with _one_by_one():
            single = await _drain(name, ONE_BY_ONE)
        batches = await _drain(name, QUEUED)
        ratio = batches["events_per_second"] / single["events_per_second"]
        found[name] = batches | {
            "one_by_one_per_second": single["events_per_second"],
            "relay_one_by_one_per_second": single["relay_per_second"],
            "over_one_by_one": round(ratio, 1),
        }
    return found


def events_for(name: str, count: int) -> Iterable[Made]:
    """So many events as a service gets them."""
    return contents(count) if name == "routing" else lives(count, duties=name == "analytics")


async def _drain(name: str, count: int) -> dict[str, Any]:
    async with fresh() as settings:
        published = await _queue(settings, name, count)
        url = plain_url(settings, name)
        processor = Processor(url)
        async with _running(SERVICES[name], settings) as (service, bus):
            await asyncio.sleep(1)  # loops begin: the figure is about the events
            await processor.start()
            began = time.perf_counter()
            await bus.start()
            await _until_done(url, count)
            elapsed = time.perf_counter() - began
            python, server = await processor.used()
            states = await service.unsettled()
        if states["parked"] or states["held"]:
            raise AssertionError(states)
    return {
        "relay_per_second": round(published),
        "events_per_second": round(count / elapsed),
        "python_us": round(1e6 * python / count),
        "postgres_us": round(1e6 * server / count),
    }


@asynccontextmanager
async def _running(
    spec: ServiceSpec, settings: Settings
) -> AsyncIterator[tuple[Service, rabbitmq.RabbitBus]]:
    """A service with all its loops, as its process runs it; its bus is started by the caller."""
    made: list[Service] = []
    bus = make_bus(settings.bus_url, settings.bus_namespace, on_ready=lambda: made[0].wake_relay())  # noqa: PLW0108  made below
    service = Service(spec, settings, bus=bus)
    made.append(service)
    await service.start()
    try:
        yield service, bus
    finally:
        await bus.stop()
        await service.stop()


async def _queue(settings: Settings, name: str, count: int) -> float:
    """Put the events into the service's queue by way of an outbox; events published a second."""
    connection = await asyncpg.connect(plain_url(settings, "intake"))
    now = SystemClock().now()
    rows = [
        (event_id, kind, about, now, text)
        for event_id, kind, about, text in events_for(name, count)
    ]
    columns = ["id", "type", "subject", "recorded_at", "envelope"]
    await connection.copy_records_to_table("outbox", columns=columns, records=rows)
    await connection.close()
    ready = asyncio.Event()
    bus = rabbitmq.RabbitBus(settings.bus_url, settings.bus_namespace, on_ready=ready.set)
    publisher = Service(SERVICES["intake"], settings, bus=bus)
    bus._consumers.clear()  # noqa: SLF001  only the relay is asked to work
    await bus.start()
    await ready.wait()
    began = time.perf_counter()
    left = count
    while left > 0:
        left -= await publisher.relay.work()
    elapsed = time.perf_counter() - began
    await bus.stop()
    await publisher.database.close()
    await _empty_others(settings, name)
    return count / elapsed


async def _empty_others(settings: Settings, name: str) -> None:
    connection = await aio_pika.connect(settings.bus_url)
    async with connection:
        channel = await connection.channel()
        for spec in SPECS:
            if spec.name != name:
                queue = await channel.get_queue(topology(settings).queue(spec.name))
                await queue.purge()


async def _until_done(url: str, count: int) -> None:
    connection = await asyncpg.connect(url)
    asked = (
        "SELECT coalesce(max(position), 0), EXISTS (SELECT 1 FROM inbox WHERE state <> 'done')"
        " FROM inbox"
    )
    while True:
        stored, waiting = await connection.fetchrow(asked)
        if stored >= count and not waiting:
            break
        await asyncio.sleep(POLL_SECONDS)
    await connection.close()


def _one_by_one() -> Any:
    stack = ExitStack()
    for module, constant in SINGLE:
        stack.enter_context(patch.object(module, constant, 1))
    return stack
