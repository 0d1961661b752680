"""Old events are removed only where nothing needs them: rebuilds, digests and repeats go on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from services.analytics.main import SPEC as ANALYTICS
from services.analytics.projection.use_cases.rebuilding import rebuild
from shared.contracts.envelope import Envelope
from shared.kernel.ids import new_id
from shared.messaging.digest import make_digest
from shared.messaging.retention import INBOX_SINCE, OUTBOX_SINCE, Retention, kept_since
from shared.runtime.exchange import Side, compare
from shared.runtime.settings import Settings
from tests.conftest import MakeService
from tests.messaging.conftest import MakeToy
from tests.messaging.test_newest_wins import stored
from tests.messaging.toy import a_post, record
from tests.support.service import ServiceUnderTest

SAMPLES = Path(__file__).parents[1] / "contracts" / "samples"
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 40


def retention(sut: ServiceUnderTest, *, inbox: int = DAYS, outbox: int = DAYS) -> Retention:
    service = sut.service
    return Retention(
        database=service.database, tables=service.tables, service=service.spec.name,
        clock=service.clock, inbox_days=inbox, outbox_days=outbox,
    )  # fmt: skip


async def run(job: Retention) -> None:
    while await job.work():
        pass


async def grow_old(sut: ServiceUnderTest, *subjects: str) -> None:
    """Let what was received of these subjects be from long ago."""
    inbox = sut.service.tables.inbox
    async with sut.service.database.writing() as session:
        await session.execute(
            update(inbox)
            .where(inbox.c.subject.in_(subjects))
            .values(received_at=LONG_AGO, event_time=LONG_AGO)
        )


async def received(sut: ServiceUnderTest) -> list[tuple[str, int, str]]:
    inbox = sut.service.tables.inbox
    async with sut.service.database.reading() as session:
        rows = await session.execute(
            select(inbox.c.subject, inbox.c.sequence, inbox.c.state).order_by(inbox.c.position)
        )
        return [tuple(row) for row in rows]


async def test_of_each_subject_the_newest_stays(toy_service: MakeToy) -> None:
    _, sut = await toy_service("analytics")
    told = [
        sut.envelope(a_post(person), subject_id=person, sequence=sequence)
        for person, versions in (("old", 3), ("single", 1), ("fresh", 2))
        for sequence in range(1, versions + 1)
    ]
    await sut.deliver(*told)
    await grow_old(sut, "post/old", "post/single")
    job = retention(sut)
    await run(job)
    assert await received(sut) == [
        ("post/old", 3, "done"), ("post/single", 1, "done"),
        ("post/fresh", 1, "done"), ("post/fresh", 2, "done"),
    ]  # fmt: skip
    assert job.removed == {"inbox": 2, "outbox": 0}
    async with sut.service.database.reading() as session:
        since = await kept_since(session, sut.service.tables, INBOX_SINCE)
    assert since is not None
    assert since <= datetime.now(UTC) - timedelta(days=DAYS)


async def test_what_was_superseded_lately_stays(toy_service: MakeToy) -> None:
    _, sut = await toy_service("analytics")
    await sut.deliver(sut.envelope(a_post("a"), subject_id="a"))
    await grow_old(sut, "post/a")
    await sut.deliver(sut.envelope(a_post("a"), subject_id="a"))
    await run(retention(sut))
    assert [sequence for _, sequence, _ in await received(sut)] == [1, 2]


@pytest.mark.parametrize("state", ["new", "held", "parked"])
async def test_what_was_not_handled_stays(toy_service: MakeToy, state: str) -> None:
    _, sut = await toy_service("analytics")
    await sut.deliver(*(sut.envelope(a_post("a"), subject_id="a") for _ in range(2)))
    await grow_old(sut, "post/a")
    inbox = sut.service.tables.inbox
    async with sut.service.database.writing() as session:
        await session.execute(update(inbox).values(state=state))
    await run(retention(sut))
    assert len(await received(sut)) == 2


async def test_without_a_number_of_days_everything_stays(toy_service: MakeToy) -> None:
    _, sut = await toy_service("analytics")
    await sut.deliver(*(sut.envelope(a_post("a"), subject_id="a") for _ in range(2)))
    await grow_old(sut, "post/a")
    await run(retention(sut, inbox=0, outbox=0))
    assert len(await received(sut)) == 2


async def test_what_was_sent_goes_and_what_was_not_or_is_not_counted_stays(
    toy_service: MakeToy,
) -> None:
    _, sut = await toy_service()
    service, outbox = sut.service, sut.service.tables.outbox
    sut.clock.set(LONG_AGO)
    async with service.units.begin() as uow:
        for person in ("sent", "unsent"):
            record(uow, person)
    async with service.database.writing() as session:
        await session.execute(
            update(outbox).where(outbox.c.subject == "post/sent").values(published_at=LONG_AGO)
        )
    sut.clock.set(datetime(2026, 3, 2, tzinfo=UTC))
    await run(retention(sut))
    assert len(await sut.recorded()) == 2, "its hour is not counted yet"
    assert await make_digest(service.units, service="routing", clock=service.clock) == 1
    await run(retention(sut))
    kept = [each.subject for each in await sut.recorded()]
    assert kept == ["post/unsent", "digest/routing"]
    async with service.database.reading() as session:
        assert await kept_since(session, service.tables, OUTBOX_SINCE)


async def test_services_with_removed_events_are_not_taken_for_uneven(
    toy_service: MakeToy,
) -> None:
    _, producer = await toy_service()
    _, consumer = await toy_service("analytics")
    producer.clock.set(LONG_AGO)
    for sequence in (1, 2):
        async with producer.service.units.begin() as uow:
            record(uow, "a", sequence=sequence)
    await consumer.deliver(*await producer.recorded())
    await grow_old(consumer, "post/a")
    outbox = producer.service.tables.outbox
    async with producer.service.database.writing() as session:
        await session.execute(update(outbox).values(published_at=LONG_AGO))
    sides = [Side(each.service.spec, each.service.database) for each in (producer, consumer)]

    await run(retention(consumer))
    found = await compare(*sides)
    assert (found.missing, found.unknown) == (0, 0)

    producer.clock.set(datetime(2026, 3, 2, tzinfo=UTC))
    await make_digest(producer.service.units, service="routing", clock=producer.service.clock)
    await run(retention(producer))
    found = await compare(*sides)
    assert (found.missing, found.unknown) == (0, 0)


async def test_figures_counted_anew_are_the_same(make_service: MakeService) -> None:
    sut = await make_service(ANALYTICS)

    def told(kind: str, sequence: int, **facts: Any) -> Envelope:
        sample = json.loads((SAMPLES / f"{kind}.json").read_text("utf-8"))
        part = next(iter(sample["data"]))
        data = sample["data"] | {part: sample["data"][part] | facts}
        return Envelope.model_validate(
            sample | {"id": new_id(), "sequence": sequence, "epoch": 1, "data": data}
        )

    events = [
        told("intake.petition.registered.v1", 1, person_times=3),
        told("intake.petition.registered.v1", 2, person_times=5),
        told("routing.case.referred.v1", 1),
        told("routing.case.answered.v1", 2),
        told("supervision.duty.started.v1", 1),
        told("supervision.duty.overdue.v1", 2),
    ]
    await sut.deliver(*events)
    before = await stored(sut)
    await grow_old(sut, *(each.subject for each in events))
    await run(retention(sut))
    assert [sequence for _, sequence, _ in await received(sut)] == [2, 2, 2]
    await rebuild(sut.service, actor="test")
    assert await stored(sut) == before

    await sut.deliver(*events)  # a repeat of what was removed
    assert await stored(sut) == before


@pytest.mark.parametrize("days", [1, 34])
def test_no_event_is_removed_within_a_month(days: int) -> None:
    with pytest.raises(ValidationError, match="at least 35"):
        Settings(inbox_days=days)
