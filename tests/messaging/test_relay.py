"""From the outbox to the bus: nothing lost, order by subject, one relay at a time."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.contracts.envelope import Envelope
from shared.messaging.bus import Outgoing, Published
from shared.messaging.relay import Relay
from tests.messaging.conftest import MakeToy
from tests.messaging.toy import record
from tests.support.service import ServiceUnderTest, SilentBus


class Ledger(SilentBus):
    """A bus that remembers what it was given and can refuse subjects."""

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.refused: set[str] = set()
        self.die_after_publish = False

    async def publish(self, batch: Sequence[Outgoing]) -> Published:
        result = Published()
        for event in batch:
            envelope = Envelope.parse(event.body)
            if envelope.subject in self.refused:
                result.failed[event.id] = "refused"
            else:
                self.sent.append(envelope)
                result.confirmed.add(event.id)
        if self.die_after_publish:
            raise KeyboardInterrupt
        return result

    @property
    def ids(self) -> list[UUID]:
        return [envelope.id for envelope in self.sent]


def a_relay(service: ServiceUnderTest, bus: Ledger) -> Relay:
    return Relay(database=service.service.database, tables=service.service.tables, bus=bus)


async def record_events(service: ServiceUnderTest, *people: str) -> None:
    for number, person in enumerate(people, 1):
        async with service.service.units.begin() as uow:
            record(uow, person, sequence=number)


async def test_events_are_published_once_and_in_the_order_recorded(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    await record_events(service, *"abcabc")
    bus = Ledger()
    relay = a_relay(service, bus)
    assert await relay.work() == 6
    assert await relay.work() == 0
    assert bus.ids == [each.id for each in await service.recorded()]


async def test_a_crash_between_publish_and_mark_publishes_the_same_ids_again(
    toy_service: MakeToy,
) -> None:
    _, service = await toy_service()
    await record_events(service, "a", "b")
    bus = Ledger()
    bus.die_after_publish = True
    relay = a_relay(service, bus)
    try:
        await relay.work()
    except KeyboardInterrupt:
        bus.die_after_publish = False
    assert await relay.work() == 2
    assert bus.ids[:2] == bus.ids[2:]


async def test_a_refused_event_holds_back_its_own_subject_only(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    await record_events(service, "bad", "good", "bad", "good")
    bus = Ledger()
    bus.refused.add("post/bad")
    relay = a_relay(service, bus)
    assert await relay.work() == 2
    assert {each.subject for each in bus.sent} == {"post/good"}
    await record_events(service, "bad", "good")
    assert await relay.work() == 1
    unsent, _ = await relay.lag()
    assert unsent == 3


async def test_a_second_relay_waits_until_the_first_gives_up_its_lease(
    toy_service: MakeToy,
) -> None:
    _, service = await toy_service()
    await record_events(service, "a")
    bus = Ledger()
    first, second = a_relay(service, bus), a_relay(service, bus)
    assert await first.work() == 1
    await record_events(service, "b")
    assert await second.work() == 0
    await first.lease.release()
    assert await second.work() == 1


async def test_nothing_is_published_of_a_transaction_that_failed(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    answer = await service.client.post("/routing/v1/posts/broken")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert await service.recorded() == []
    answer = await service.client.post("/routing/v1/posts/li")
    assert answer.status_code == 201
    assert len(await service.recorded()) == 1


async def test_while_the_bus_is_down_nothing_is_tried_and_nothing_counts_as_an_attempt(
    toy_service: MakeToy,
) -> None:
    _, service = await toy_service()
    await record_events(service, "a")
    bus = Ledger()
    bus.is_ready = False  # type: ignore[misc]
    relay = a_relay(service, bus)
    assert await relay.work() == 0
    bus.is_ready = True  # type: ignore[misc]
    assert await relay.work() == 1
