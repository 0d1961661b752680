"""The bus over RabbitMQ: one connection per process, kept by a supervised loop of our own.

aio-pika's robust connection is left alone on purpose: a plain connection that is opened anew after
any trouble has one way to fail and one way to mend it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import aio_pika
import aiormq
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.abc import AbstractIncomingMessage as Incoming
from aio_pika.exceptions import ChannelPreconditionFailed, DeliveryError
from aiormq.channel import Channel as Publisher
from pamqp.commands import Basic

from shared.kernel.lanes import in_lane
from shared.messaging.bus import Outgoing, Published, Sink
from shared.messaging.topology import Topology

log = structlog.get_logger()

PREFETCH = 1000
BATCH = 500
PUBLISH_TIMEOUT_SECONDS = 5.0
"""How long the broker may say nothing to a batch under way."""
HEARTBEAT_SECONDS = 10
# Frames on their way to the socket. The library lets ten in at a time, so the eleventh event waits
# for a turn of the loop, and in a busy process a batch took seconds (docs/performance.md).
aiormq.Connection.FRAME_BUFFER_SIZE = 2 * BATCH
CONTENT_TYPE = "application/cloudevents+json"
PERSISTENT = 2
BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class QueueDiffers(ValueError):
    """A queue or exchange exists on the broker with other arguments than the topology's."""


@dataclass(frozen=True, slots=True)
class _Consumer:
    name: str
    types: frozenset[str]
    sink: Sink


class RabbitBus:
    """Publishes with confirms and `mandatory`; delivers in batches, acknowledged once stored."""

    def __init__(
        self, url: str, namespace: str, *, on_ready: Callable[[], None], lanes: int = 1
    ) -> None:
        self._url = url
        self._topology = Topology(namespace, {}, lanes)
        self._on_ready = on_ready
        self._consumers: list[_Consumer] = []
        self._publisher: Publisher | None = None
        self._broken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def subscribe(self, consumer: str, types: frozenset[str], sink: Sink) -> None:
        """See Bus.subscribe; the bindings themselves are the migrate job's."""
        self._consumers.append(_Consumer(consumer, types, sink))

    async def start(self) -> None:
        """Connect in the background, and again whenever the connection breaks."""
        self._loop = asyncio.create_task(self._keep_connected(), name="rabbitmq")

    async def stop(self) -> None:
        """Let batches under way end, then close."""
        self._stopping.set()
        self._broken.set()
        if self._loop:
            await self._loop

    @property
    def is_ready(self) -> bool:
        """Connected, consuming, and the last publish did not time out."""
        return self._publisher is not None and not self._broken.is_set()

    async def publish(self, batch: Sequence[Outgoing]) -> Published:
        """Publish all with many confirms in flight; what is not confirmed is reported."""
        channel, result = self._publisher, Published()
        if channel is None:
            result.failed = {event.id: "no connection" for event in batch}
            return result
        answers = [
            asyncio.create_task(_publish(channel, self._topology.exchange, event))
            for event in batch
        ]
        await _until_silent(answers)
        for event, answer in zip(batch, answers, strict=True):
            reason = answer.result() if answer.done() else "not confirmed in time"
            if reason is None:
                result.confirmed.add(event.id)
            else:
                result.failed[event.id] = reason
            answer.cancel()
        if any(reason != "unroutable" for reason in result.failed.values()):
            self._broken.set()
        return result

    async def _keep_connected(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._one_connection()
                failures = 0
            except asyncio.CancelledError:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
                log.warning("bus.cancelled_by_library")
            except Exception as error:  # noqa: BLE001  any trouble is answered by a new connection
                failures += 1
                log.warning("bus.not_connected", error=type(error).__name__, failures=failures)
            wait = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def _one_connection(self) -> None:
        """Connect, serve until something breaks, close."""
        self._broken.clear()
        connection = await aio_pika.connect(
            self._url, timeout=10, heartbeat=HEARTBEAT_SECONDS,
            client_properties={"connection_name": self._topology.namespace},
        )  # fmt: skip
        batchers: list[asyncio.Task[None]] = []
        try:
            connection.close_callbacks.add(lambda *_: self._broken.set())
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            channel.close_callbacks.add(lambda *_: self._broken.set())
            await channel.get_exchange(self._topology.exchange, ensure=True)
            batchers += [
                await self._consume(connection, each, lane)
                for each in self._consumers
                for lane in range(self._topology.lanes)
            ]
            # The channel below: the message object of the one above costs as much as the rest.
            self._publisher = cast(Publisher, await channel.get_underlay_channel())
            log.info("bus.connected")
            self._on_ready()
            broken = asyncio.create_task(self._broken.wait())
            await asyncio.wait([broken, *batchers], return_when=asyncio.FIRST_COMPLETED)
            broken.cancel()
        finally:
            self._publisher = None
            for batcher in batchers:
                batcher.cancel()
            await asyncio.gather(*batchers, return_exceptions=True)
            with contextlib.suppress(Exception):
                await asyncio.wait_for(connection.close(), 3)

    async def _consume(
        self, connection: AbstractConnection, consumer: _Consumer, lane: int
    ) -> asyncio.Task[None]:
        channel: AbstractChannel = await connection.channel(publisher_confirms=False)
        channel.close_callbacks.add(lambda *_: self._broken.set())
        # A queue that is deleted cancels its consumer and leaves the channel open: without this
        # the service would look well and hear nothing ever again.
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _: self._broken.set())
        await channel.set_qos(prefetch_count=PREFETCH)
        waiting: asyncio.Queue[Incoming] = asyncio.Queue()
        queue = await channel.get_queue(self._topology.queue(consumer.name, lane), ensure=True)
        await queue.consume(waiting.put)
        return asyncio.create_task(_store_batches(waiting, consumer), name=consumer.name)


async def _until_silent(answers: Sequence[asyncio.Task[str | None]]) -> None:
    """Wait until all are there, or the broker has said nothing for the publish timeout: a slow
    broker is waited for, since a batch given up comes again and makes it slower still."""
    waiting: set[asyncio.Task[str | None]] = set(answers)
    while waiting:
        done, waiting = await asyncio.wait(waiting, timeout=PUBLISH_TIMEOUT_SECONDS)
        if not done:
            return


async def _publish(channel: Publisher, exchange: str, event: Outgoing) -> str | None:
    """Publish one event; None when confirmed, else the reason."""
    properties = Basic.Properties(
        message_id=str(event.id), content_type=CONTENT_TYPE, delivery_mode=PERSISTENT
    )
    try:
        # Without `wait=False` each event keeps the channel until its bytes are written: three turns
        # of the loop an event, one after another, and a turn of a busy process takes milliseconds.
        answer = await channel.basic_publish(
            event.body.encode(), exchange=exchange, routing_key=in_lane(event.type, event.lane),
            properties=properties, mandatory=True, wait=False,
        )  # fmt: skip
    except DeliveryError:
        return "unroutable"
    except asyncio.CancelledError:
        # The library cancels on heartbeat loss; a real one must go through (decision 0074).
        if asyncio.current_task().cancelling():  # type: ignore[union-attr]
            raise
        return "connection lost"
    except Exception as error:  # noqa: BLE001  whatever it is, the event stays unsent
        return type(error).__name__
    return None if isinstance(answer, Basic.Ack) else "not confirmed"


async def _store_batches(waiting: asyncio.Queue[Incoming], consumer: _Consumer) -> None:
    """Store what has come, up to a batch at a time, and acknowledge it then.

    While storing fails (the database is down) the deliveries are kept and tried again: handing
    them back would only count against their delivery limit."""
    while True:
        batch = [await waiting.get()]
        while len(batch) < BATCH and not waiting.empty():
            batch.append(waiting.get_nowait())
        failures = 0
        while True:
            try:
                await asyncio.shield(consumer.sink([message.body for message in batch]))
                break
            except Exception as error:  # noqa: BLE001  keep the deliveries until it works
                log.warning("bus.not_stored", consumer=consumer.name, error=type(error).__name__)
                await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
                failures += 1
        await batch[-1].ack(multiple=True)


async def declare(url: str, topology: Topology) -> None:
    """Create exchanges, queues and bindings; harmless when they are there already.

    Raises QueueDiffers when something exists with other arguments: the broker itself compares."""
    connection = await aio_pika.connect(url, timeout=10)
    async with connection:
        try:
            await _declare_all(await connection.channel(), topology)
        except ChannelPreconditionFailed as error:
            raise QueueDiffers(
                "a queue exists with other arguments; empty and delete it, then migrate again"
            ) from error


async def _declare_all(channel: AbstractChannel, topology: Topology) -> None:
    events = await channel.declare_exchange(
        topology.exchange, aio_pika.ExchangeType.TOPIC, durable=True
    )
    dead = await channel.declare_exchange(
        topology.dead_exchange, aio_pika.ExchangeType.FANOUT, durable=True
    )
    net = await channel.declare_queue(
        topology.dead_exchange, durable=True, arguments={"x-queue-type": "quorum"}
    )
    await net.bind(dead)
    for consumer, types in sorted(topology.consumers.items()):
        for lane in range(topology.lanes):
            queue = await channel.declare_queue(
                topology.queue(consumer, lane), durable=True, arguments=topology.queue_arguments()
            )
            for event_type in sorted(types):
                await queue.bind(events, routing_key=in_lane(event_type, lane))


async def queue_depths(url: str, topology: Topology) -> dict[str, int]:
    """Messages waiting per queue, the dead-letter net included (settling, operations)."""
    depths = {}
    connection = await aio_pika.connect(url, timeout=10)
    async with connection:
        channel = await connection.channel()
        for name in (*topology.queues(), topology.dead_exchange):
            queue = await channel.declare_queue(name, passive=True)
            depths[name] = queue.declaration_result.message_count or 0
    return depths


async def delete_queues(url: str, names: Sequence[str]) -> None:
    """Delete queues of lanes that are no more; what lies in one, or reads it, keeps it."""
    connection = await aio_pika.connect(url, timeout=10)
    async with connection:
        channel = await connection.channel()
        for name in names:
            found = (await channel.declare_queue(name, passive=True)).declaration_result
            if not found.message_count and not found.consumer_count:
                await channel.queue_delete(name)  # quorum queues know no conditions


async def remove(url: str, topology: Topology) -> None:
    """Delete everything `declare` made; for tests and for taking a deployment away."""
    connection = await aio_pika.connect(url, timeout=10)
    async with connection:
        channel = await connection.channel()
        for name in (*topology.queues(), topology.dead_exchange):
            await channel.queue_delete(name)
        await channel.exchange_delete(topology.exchange)
        await channel.exchange_delete(topology.dead_exchange)
