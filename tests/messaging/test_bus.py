"""One suite for both buses. RabbitMQ takes part in the separated run."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import aio_pika
import pytest

from shared.kernel.ids import new_id
from shared.messaging import in_process
from shared.messaging.bus import Bus, Outgoing
from shared.messaging.factory import declare_topology, make_bus, waiting_messages
from shared.messaging.in_process import InProcessBus
from shared.messaging.rabbitmq import RabbitBus, remove
from shared.messaging.topology import Topology
from tests.support.backends import BROKER

ONE, TWO, NOBODY = "routing.one.v1", "routing.two.v1", "routing.nobody.v1"
URLS = [
    pytest.param("memory://", id="memory"),
    pytest.param(BROKER, id="amqp", marks=pytest.mark.servers),
]


class Reader:
    """A consumer's inbox: remembers bodies; can be told to fail first."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.failures = 0
        self.hangs = False
        self.free = asyncio.Event()
        self._came = asyncio.Event()

    async def store(self, raw: Sequence[bytes]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError
        if self.hangs:
            await self.free.wait()
        self.bodies += [body.decode() for body in raw]
        self._came.set()

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.bodies) < count:
                self._came.clear()
                await self._came.wait()
        return self.bodies


class Net:
    """A started bus with two consumers: `a` wants ONE, `b` wants ONE and TWO."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.a, self.b = Reader(), Reader()
        self.topology = Topology(
            f"xftest{uuid.uuid4().hex[:8]}", {"a": frozenset({ONE}), "b": frozenset({ONE, TWO})}
        )

    def bus(self) -> Bus:
        made = make_bus(self.url, self.topology.namespace, on_ready=lambda: None)
        made.subscribe("a", self.topology.consumers["a"], self.a.store)
        made.subscribe("b", self.topology.consumers["b"], self.b.store)
        return made


@pytest.fixture(params=URLS)
async def net(request: pytest.FixtureRequest) -> AsyncIterator[Net]:
    made = Net(request.param)
    await declare_topology(made.url, made.topology)
    yield made
    if made.url == BROKER:
        await remove(made.url, made.topology)


@pytest.fixture
async def bus(net: Net) -> AsyncIterator[Bus]:
    made = net.bus()
    await made.start()
    await until(lambda: made.is_ready)
    yield made
    await made.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  buses have a state, not an event
            await asyncio.sleep(0.01)


def events(count: int, kind: str = ONE) -> list[Outgoing]:
    return [Outgoing(id=new_id(), type=kind, body=f"{kind} {n}") for n in range(count)]


async def test_every_consumer_gets_its_own_copy_of_what_it_asked_for(net: Net, bus: Bus) -> None:
    batch = [*events(30), *events(10, TWO)]
    result = await bus.publish(batch)
    assert result.confirmed == {event.id for event in batch}
    assert sorted(await net.a.until(30)) == sorted(event.body for event in batch[:30])
    assert sorted(await net.b.until(40)) == sorted(event.body for event in batch)


async def test_what_nobody_asked_for_is_an_error_not_a_loss(net: Net, bus: Bus) -> None:
    good, lost = events(1)[0], events(1, NOBODY)[0]
    result = await bus.publish([lost, good])
    assert result.failed == {lost.id: "unroutable"}
    assert result.confirmed == {good.id}


async def test_a_consumer_that_stores_slowly_keeps_nothing_from_the_others(
    net: Net, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_process, "STORE_SECONDS", 0.05)
    net.a.hangs = True
    first, second = events(3), events(5)[3:]
    async with asyncio.timeout(20):
        await bus.publish(first)
        await bus.publish(second)
    assert len(await net.b.until(5)) == 5
    net.a.free.set()
    if isinstance(bus, InProcessBus):  # the relay comes again with what was not confirmed
        assert await net.a.until(3) == [event.body for event in first]
        await until_confirmed(bus, [*first, *second])
    assert len(set(await net.a.until(5))) == 5


async def until_confirmed(bus: Bus, batch: Sequence[Outgoing]) -> None:
    async with asyncio.timeout(20):
        while len((await bus.publish(batch)).confirmed) < len(batch):
            pass


async def test_order_is_kept_within_a_quiet_stream(net: Net, bus: Bus) -> None:
    batch = events(300)
    await bus.publish(batch)
    assert await net.a.until(300) == [event.body for event in batch]


async def test_a_consumer_that_fails_once_still_gets_the_event(net: Net, bus: Bus) -> None:
    net.a.failures = 1
    pending = events(5)
    async with asyncio.timeout(20):
        while pending:
            result = await bus.publish(pending)
            pending = [event for event in pending if event.id not in result.confirmed]
    assert len(set(await net.a.until(5))) == 5
    assert len(set(await net.b.until(5))) == 5


@pytest.mark.servers
class TestBroker:
    """What only a broker can do."""

    @pytest.fixture
    async def net(self) -> AsyncIterator[Net]:
        made = Net(BROKER)
        await declare_topology(made.url, made.topology)
        yield made
        await remove(made.url, made.topology)

    async def test_events_wait_in_the_queue_for_a_consumer_that_comes_later(self, net: Net) -> None:
        publisher = make_bus(net.url, net.topology.namespace, on_ready=lambda: None)
        await publisher.start()
        await until(lambda: publisher.is_ready)
        result = await publisher.publish(events(20))
        assert len(result.confirmed) == 20
        await publisher.stop()
        assert await waiting_messages(net.url, net.topology) == 40
        late = net.bus()
        await late.start()
        assert len(await net.a.until(20)) == 20
        await late.stop()

    async def test_it_starts_without_a_broker_and_reports_every_event_unsent(self) -> None:
        down = RabbitBus("amqp://guest:guest@127.0.0.1:1/", "nowhere", on_ready=lambda: None)
        await down.start()
        batch = events(3)
        result = await down.publish(batch)
        assert set(result.failed) == {event.id for event in batch}
        assert not down.is_ready
        await down.stop()

    async def test_a_cut_connection_is_opened_again_and_nothing_is_lost(self, net: Net) -> None:
        cut = asyncio.Event()
        proxy = await _proxy(cut)
        host = BROKER.replace("5672", str(proxy.sockets[0].getsockname()[1]))
        ready = 0

        def count() -> None:
            nonlocal ready
            ready += 1

        bus = RabbitBus(host, net.topology.namespace, on_ready=count)
        bus.subscribe("a", net.topology.consumers["a"], net.a.store)
        await bus.start()
        await until(lambda: bus.is_ready)
        sent: set[str] = set()
        for round_ in range(4):
            pending = [Outgoing(id=new_id(), type=ONE, body=f"{round_}/{n}") for n in range(50)]
            sent |= {event.body for event in pending}
            async with asyncio.timeout(30):
                while pending:
                    if not bus.is_ready:
                        await asyncio.sleep(0.02)
                        continue
                    result = await bus.publish(pending)
                    pending = [each for each in pending if each.id not in result.confirmed]
            cut.set()
            await until(lambda: not bus.is_ready)
            cut.clear()
        await until(lambda: set(net.a.bodies) == sent)
        assert ready >= 4
        await bus.stop()
        proxy.close()

    async def test_a_consumer_whose_queue_was_deleted_says_so_and_hears_again_once_it_is_back(
        self, net: Net
    ) -> None:
        bus = net.bus()
        await bus.start()
        await until(lambda: bus.is_ready)
        connection = await aio_pika.connect(BROKER)
        async with connection:
            await (await connection.channel()).queue_delete(net.topology.queue("a"))
        await until(lambda: not bus.is_ready)
        await declare_topology(net.url, net.topology)
        await until(lambda: bus.is_ready)
        await bus.publish(events(3))
        assert len(await net.a.until(3)) == 3
        await bus.stop()

    async def test_declaring_twice_is_harmless(self, net: Net) -> None:
        await declare_topology(net.url, net.topology)


async def _proxy(cut: asyncio.Event) -> asyncio.Server:
    """A TCP proxy before the broker that drops every connection while `cut` is set."""
    port = int(BROKER.rsplit(":", 1)[1].strip("/"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if cut.is_set():
            writer.close()
            return
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        pumps: Sequence[asyncio.Task[None]] = [
            asyncio.create_task(_pump(reader, upstream_writer)),
            asyncio.create_task(_pump(upstream_reader, writer)),
            asyncio.create_task(_wait(cut.wait())),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        writer.transport.abort()
        upstream_writer.transport.abort()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


async def _wait(event: Awaitable[object]) -> None:
    await event


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
