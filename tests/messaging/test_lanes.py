"""Lanes: what has one partition key stays in order; the number of lanes is changed in safety."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from shared.contracts.envelope import Envelope
from shared.kernel.errors import Invalid
from shared.kernel.lanes import in_lane, lane_of
from shared.messaging.bus import Outgoing, Published
from shared.messaging.factory import declare_topology, make_bus, remove_queues, waiting_messages
from shared.messaging.lease import Lease
from shared.messaging.rabbitmq import queue_depths, remove
from shared.messaging.topology import Topology
from shared.runtime.lanes import lanes_before, settle_lanes
from shared.runtime.marks import UnsafeToStart
from shared.runtime.offline import unit_of
from tests.messaging.test_bus import ONE, Net, events, until
from tests.messaging.toy import a_post, effects, make_toy, migrate_toy, record
from tests.support.backends import BROKER, Backend
from tests.support.service import ServiceUnderTest

PEOPLE = [f"p{number}" for number in range(12)]
Make = Callable[..., Awaitable[ServiceUnderTest]]


@pytest.fixture
async def make(backend: Backend, tmp_path: Path) -> AsyncIterator[Make]:
    """`await make("routing", 3)` -> a toy service on a database that was settled for three lanes;
    with `url`, on that one and settled anew."""
    made: list[ServiceUnderTest] = []

    async def make_one(name: str, lanes: int, url: str | None = None) -> ServiceUnderTest:
        toy = make_toy(name)
        target = url or await backend.database_url(toy.spec, migrate_toy)
        service = ServiceUnderTest(toy.spec, target, tmp_path, lanes=lanes)
        await settle_lanes(service.service.database, toy.spec, lanes)
        await service.start()
        made.append(service)
        return service

    yield make_one
    for service in made:
        await service.close()


class Ledger:
    """A bus that notes what it was given."""

    is_ready = True

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def publish(self, batch: Sequence[Outgoing]) -> Published:
        self.sent += batch
        return Published(confirmed={each.id for each in batch})


def test_a_key_keeps_its_lane_in_every_program() -> None:
    assert [lane_of(key, 4) for key in ("a", "b", "c", "post/p1")] == [2, 2, 2, 0]
    assert lane_of("anything", 1) == 0
    assert {lane_of(str(uuid.UUID(int=each)), 8) for each in range(200)} == set(range(8))
    assert (in_lane("inbox", 0), in_lane("inbox", 3)) == ("inbox", "inbox.3")


async def test_each_lane_sends_its_own_in_order(make: Make) -> None:
    service = await make("routing", 3)
    for sequence in (1, 2):
        async with service.service.units.begin() as uow:
            for person in PEOPLE:
                record(uow, person, sequence=sequence)
    bus = Ledger()
    for relay in service.service.relays:
        relay._bus = bus  # type: ignore[assignment]
        await relay.work()
    envelopes = [Envelope.parse(each.body) for each in bus.sent]
    assert len({each.id for each in envelopes}) == 2 * len(PEOPLE)
    assert {each.lane for each in bus.sent} == {0, 1, 2}
    for each, envelope in zip(bus.sent, envelopes, strict=True):
        assert each.lane == lane_of(envelope.partition, 3)
    for person in PEOPLE:
        mine = [each.sequence for each in envelopes if each.subject == f"post/{person}"]
        assert mine == [1, 2]


async def test_what_a_command_records_lies_in_its_lane(make: Make) -> None:
    service = await make("routing", 3)
    meta = service.service.tables.meta
    async with service.service.database.writing() as session:
        await session.execute(insert(meta).values(key="root_division", value=""))
    async with unit_of(service.service.spec, service.settings) as uow:
        for person in PEOPLE:
            record(uow, person)
    outbox = service.service.tables.outbox
    async with service.service.database.reading() as session:
        rows = (await session.execute(select(outbox.c.subject, outbox.c.lane))).all()
    assert [row.lane for row in rows] == [lane_of(row.subject, 3) for row in rows]


async def test_each_lane_handles_its_own_in_order(make: Make) -> None:
    service = await make("analytics", 3)
    told = [
        service.envelope(a_post(person), subject_id=person, sequence=sequence)
        for sequence in (1, 2)
        for person in PEOPLE
    ]
    await service.service.inbox.store([each.to_json().encode() for each in told])
    await service.service.inbox.work(2)
    first = await effects(service.service)
    assert {person for person, _ in first} == {
        person for person in PEOPLE if lane_of(f"post/{person}", 3) == 2
    }
    for lane in (0, 1):
        await service.service.inbox.work(lane)
    done = await effects(service.service)
    assert sorted(done) == sorted((person, n) for person in PEOPLE for n in (1, 2))
    assert all([n for p, n in done if p == person] == [1, 2] for person in PEOPLE)


async def test_what_waits_gets_the_lanes_of_the_new_number(make: Make) -> None:
    service = await make("routing", 1)
    async with service.service.units.begin() as uow:
        for person in PEOPLE:
            record(uow, person)
    later = await make("routing", 4, url=service.settings.database_url)
    outbox = later.service.tables.outbox
    async with later.service.database.reading() as session:
        rows = (await session.execute(select(outbox.c.subject, outbox.c.lane))).all()
    assert {row.lane for row in rows} > {0}
    assert all(row.lane == lane_of(row.subject, 4) for row in rows)
    assert await lanes_before([later.service.spec], later.settings) == 4


async def test_a_service_does_not_start_with_another_number(make: Make, tmp_path: Path) -> None:
    service = await make("routing", 2)
    other = ServiceUnderTest(service.service.spec, service.settings.database_url, tmp_path, lanes=3)
    with pytest.raises(UnsafeToStart, match="XINFANG_LANES"):
        await other.start()
    await other.close()


async def test_the_number_does_not_change_while_a_process_lives(make: Make) -> None:
    service = (await make("routing", 1)).service
    lease = Lease(service.database, service.tables, "relay")
    assert await lease.hold()
    with pytest.raises(Invalid, match="还在运行"):
        await settle_lanes(service.database, service.spec, 2)
    await lease.release()
    await settle_lanes(service.database, service.spec, 2)


async def test_the_number_does_not_change_while_events_without_a_key_wait(make: Make) -> None:
    service = (await make("analytics", 1)).service
    sut = await make("analytics", 1, url=str(service.settings.database_url))
    old = sut.envelope(a_post("a"), subject_id="a")
    assert "partitionkey" not in old.to_json()
    await service.inbox.store([old.to_json().encode()])
    with pytest.raises(Invalid, match="升级以前"):
        await settle_lanes(service.database, service.spec, 2)
    await service.inbox.work()
    await settle_lanes(service.database, service.spec, 2)


@pytest.mark.parametrize(
    "url", ["memory://", pytest.param(BROKER, marks=pytest.mark.servers)], ids=["memory", "broker"]
)
async def test_every_lane_of_the_bus_reaches_every_consumer(url: str) -> None:
    net = Net(url)
    net.topology = Topology(net.topology.namespace, net.topology.consumers, lanes=2)
    await declare_topology(url, net.topology)
    bus = make_bus(url, net.topology.namespace, on_ready=lambda: None, lanes=2)
    bus.subscribe("a", net.topology.consumers["a"], net.a.store)
    bus.subscribe("b", net.topology.consumers["b"], net.b.store)
    await bus.start()
    await until(lambda: bus.is_ready)
    batch = [
        Outgoing(id=each.id, type=each.type, body=each.body, lane=number % 2)
        for number, each in enumerate(events(20))
    ]
    assert (await bus.publish(batch)).confirmed == {each.id for each in batch}
    for reader in (net.a, net.b):
        arrived = await reader.until(20)
        for lane in (0, 1):
            sent = [each.body for each in batch if each.lane == lane]
            assert [body for body in arrived if body in sent] == sent
    await bus.stop()
    if url == BROKER:
        await remove(url, net.topology)


@pytest.mark.servers
async def test_queues_of_lanes_that_are_no_more_go_when_they_are_empty() -> None:
    wide = Topology(f"xftest{uuid.uuid4().hex[:8]}", {"a": frozenset({ONE})}, lanes=3)
    narrow = Topology(wide.namespace, wide.consumers)
    await declare_topology(BROKER, wide)
    assert await waiting_messages(BROKER, wide) == 0
    await remove_queues(BROKER, sorted(set(wide.queues()) - set(narrow.queues())))
    assert set(await queue_depths(BROKER, narrow)) == {narrow.queue("a"), narrow.dead_exchange}
    with pytest.raises(Exception, match="no queue"):
        await queue_depths(BROKER, wide)
    await remove(BROKER, narrow)
