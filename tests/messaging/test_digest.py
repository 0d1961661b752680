"""A consumer that missed something finds out within the hour and fetches it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from shared.contracts.digest import RoutingDigestV1
from shared.messaging.digest import make_digest
from shared.runtime.feed import HttpFeed
from shared.vocabulary.posts import Role
from tests.messaging.conftest import MakeToy
from tests.messaging.toy import effects, record
from tests.support.service import ServiceUnderTest


async def publish(producer: ServiceUnderTest, *people: str) -> None:
    async with producer.service.units.begin() as uow:
        for person in people:
            record(uow, person)


async def digest(producer: ServiceUnderTest) -> int:
    service = producer.service
    return await make_digest(service.units, service="routing", clock=producer.clock)


async def test_an_open_hour_has_no_digest_and_a_closed_one_has_one(toy_service: MakeToy) -> None:
    _, producer = await toy_service("routing")
    await publish(producer, "a", "b")
    assert await digest(producer) == 0
    producer.clock.advance(timedelta(hours=1, minutes=3))
    assert await digest(producer) == 1
    assert await digest(producer) == 0
    (event,) = await producer.recorded(RoutingDigestV1)
    assert [each["count"] for each in event.data["types"]] == [2]


async def feed_of(producer: ServiceUnderTest) -> HttpFeed:
    token = await producer.login(Role.SERVICE, "430000000000-XF", person="services")
    return HttpFeed(
        lambda: httpx.AsyncClient(
            transport=httpx.ASGITransport(app=producer.app), base_url="http://producer"
        ),
        lambda: token["Authorization"].removeprefix("Bearer "),
    )


@pytest.mark.parametrize("lost", [{"b"}, {"a", "b", "c"}, set()])
async def test_lost_events_are_refilled_from_the_producers_feed(
    toy_service: MakeToy, lost: set[str]
) -> None:
    _, producer = await toy_service("routing")
    _, consumer = await toy_service("analytics")
    await publish(producer, "a", "b", "c")
    arrived = [e for e in await producer.recorded() if e.subject.split("/")[1] not in lost]
    if arrived:
        await consumer.deliver(*arrived)
    producer.clock.advance(timedelta(hours=2))
    await digest(producer)
    consumer.service.reconciler.feed = await feed_of(producer)
    await consumer.deliver(*await producer.recorded(RoutingDigestV1))
    assert await consumer.service.reconciler.work() == 1
    assert await consumer.service.reconciler.work() == 0
    await consumer.drain()
    assert sorted(await effects(consumer.service)) == [("a", 1), ("b", 1), ("c", 1)]


async def test_digests_that_were_lost_themselves_are_fetched_too(toy_service: MakeToy) -> None:
    """A queue that was away for hours lost the digests of those hours with everything else."""
    _, producer = await toy_service("routing")
    _, consumer = await toy_service("analytics")
    consumer.service.reconciler.feed = await feed_of(producer)
    for person in "abcd":
        await publish(producer, person)
        producer.clock.advance(timedelta(hours=1, minutes=3))
        await digest(producer)
    posts = [e for e in await producer.recorded() if e.type != RoutingDigestV1.TYPE]
    digests = await producer.recorded(RoutingDigestV1)
    await consumer.deliver(posts[0], digests[0], posts[-1], digests[-1])
    while await consumer.service.reconciler.work():
        await consumer.drain()
    assert sorted(await effects(consumer.service)) == [("a", 1), ("b", 1), ("c", 1), ("d", 1)]


async def test_a_digest_that_is_handled_late_is_compared_all_the_same(
    toy_service: MakeToy,
) -> None:
    _, producer = await toy_service("routing")
    _, consumer = await toy_service("analytics")
    consumer.service.reconciler.feed = await feed_of(producer)
    for person in "ab":
        await publish(producer, person)
        producer.clock.advance(timedelta(hours=1, minutes=3))
        await digest(producer)
    posts = [e for e in await producer.recorded() if e.type != RoutingDigestV1.TYPE]
    early, late = await producer.recorded(RoutingDigestV1)
    inbox = consumer.service.tables.inbox
    await consumer.deliver(early)
    async with consumer.service.database.writing() as session:
        far = consumer.clock.now() + timedelta(days=365_000)
        await session.execute(update(inbox).values(state="held", next_attempt_at=far))
    await consumer.deliver(posts[1], late)
    assert await consumer.service.reconciler.work() == 0
    async with consumer.service.database.writing() as session:
        await session.execute(update(inbox).values(state="done"))
    while await consumer.service.reconciler.work():
        await consumer.drain()
    assert sorted(await effects(consumer.service)) == [("a", 1), ("b", 1)]


async def test_missing_events_without_a_feed_are_an_error_not_a_silence(
    toy_service: MakeToy,
) -> None:
    _, producer = await toy_service("routing")
    _, consumer = await toy_service("analytics")
    await publish(producer, "a")
    producer.clock.advance(timedelta(hours=2))
    await digest(producer)
    await consumer.deliver(*await producer.recorded(RoutingDigestV1))
    with pytest.raises(RuntimeError, match="no feed"):
        await consumer.service.reconciler.work()


async def test_the_feed_is_for_services_only(toy_service: MakeToy) -> None:
    _, producer = await toy_service("routing")
    query = {"hour": "2026-03-02T01:00:00+00:00", "types": "routing.post.changed.v1"}
    assert (await producer.client.get("/routing/v1/events", params=query)).status_code == 401
    operator = await producer.login(Role.OPERATOR, "430000000000-XF")
    answer = await producer.client.get("/routing/v1/events", params=query, headers=operator)
    assert answer.status_code == 403
