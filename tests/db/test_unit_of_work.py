"""All or nothing, and no success before the commit (decision 0002)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter
from sqlalchemy import Column, ForeignKey, Integer, Table, func, insert, select

from shared.db.tables import common_tables
from shared.db.types import new_metadata
from shared.messaging.subscriptions import Subscriptions
from shared.runtime.service import ServiceSpec
from shared.web.deps import Uow, public
from shared.web.security import Caller
from tests.messaging.conftest import MakeToy
from tests.messaging.toy import EFFECT, a_post, migrate_toy, record
from tests.support.backends import Backend
from tests.support.service import ServiceUnderTest

METADATA = new_metadata()
TABLES = common_tables(METADATA)
LATER = ForeignKey("promise.id", deferrable=True, initially="DEFERRED")
PROMISE = Table(
    "promise",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("after", Integer, LATER),
)
"""What `after` names is looked for at the commit only."""


@pytest.fixture
async def promises(backend: Backend, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    """A service whose commit fails when a promise follows one that does not exist."""
    router = APIRouter()

    @router.post("/promises/{number}", status_code=201)
    async def promise(number: int, after: int, uow: Uow, _: Annotated[Caller, public()]) -> str:
        await uow.session.execute(insert(PROMISE).values(id=number, after=after))
        uow.record(a_post("li"), subject_id="li", sequence=number)
        uow.audit("promised", f"promise/{number}", actor="wang")
        return "promised"

    spec = ServiceSpec(
        name="routing", title="promises", metadata=METADATA, tables=TABLES, routers=(router,),
        subscriptions=Subscriptions(consumer="routing"),
    )  # fmt: skip
    service = ServiceUnderTest(spec, await backend.database_url(spec, migrate_toy), tmp_path)
    await service.start()
    yield service
    await service.close()


async def counts(service: ServiceUnderTest, business: Table) -> tuple[int, int, int]:
    """(business rows, events, audit lines)."""
    tables = service.service.tables
    async with service.service.database.reading() as session:
        found = [
            await session.scalar(select(func.count()).select_from(table)) or 0
            for table in (business, tables.outbox, tables.audit)
        ]
    return found[0], found[1], found[2]


async def test_a_commit_that_fails_answers_500_and_leaves_nothing(
    promises: ServiceUnderTest,
) -> None:
    answer = await promises.client.post("/routing/v1/promises/1?after=99")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert await counts(promises, PROMISE) == (0, 0, 0)


async def test_after_a_failed_commit_the_next_one_succeeds(promises: ServiceUnderTest) -> None:
    for _ in range(15):  # more than there are connections
        await promises.client.post("/routing/v1/promises/1?after=99")
    answer = await promises.client.post("/routing/v1/promises/1?after=1")
    assert (answer.status_code, answer.json()) == (201, "promised")
    assert await counts(promises, PROMISE) == (1, 1, 1)


async def test_a_unit_that_raises_leaves_no_row_no_event_and_no_audit_line(
    toy_service: MakeToy,
) -> None:
    _, service = await toy_service()

    async def fail() -> None:
        async with service.service.units.begin() as uow:
            values = {"event_id": uuid.UUID(int=1), "person": "li", "sequence": 1}
            await uow.session.execute(insert(EFFECT).values(values))
            record(uow, "li")
            uow.audit("tried", "post/li", actor="wang")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await counts(service, EFFECT) == (0, 0, 0)


async def test_a_request_cancelled_in_its_unit_leaves_nothing(toy_service: MakeToy) -> None:
    _, service = await toy_service()
    inside = asyncio.Event()

    async def hang() -> None:
        async with service.service.units.begin() as uow:
            await uow.session.execute(select(EFFECT.c.id))
            record(uow, "li")
            await uow.write()
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await counts(service, EFFECT) == (0, 0, 0)


async def test_twenty_units_at_once_in_two_instances_all_commit(toy_service: MakeToy) -> None:
    _, first = await toy_service()
    _, second = await toy_service(url=first.settings.database_url)
    answers = await asyncio.gather(
        *(
            (first, second)[number % 2].client.post(f"/routing/v1/posts/p{number}")
            for number in range(20)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert {each.subject for each in await first.recorded()} == {f"post/p{n}" for n in range(20)}


async def test_a_commit_with_events_wakes_the_relay_and_one_without_does_not(
    toy_service: MakeToy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, service = await toy_service()
    woken: list[int] = []
    monkeypatch.setattr(service.service.units, "_on_commit", lambda: woken.append(1))
    async with service.service.units.begin():
        pass
    assert woken == []
    async with service.service.units.begin() as uow:
        record(uow, "li")
    assert woken == [1]


async def test_an_event_carries_what_caused_it_and_the_version_after_the_change(
    toy_service: MakeToy,
) -> None:
    _, service = await toy_service()
    headers = {"X-Correlation-Id": "outside-request-1"}
    await service.client.post("/routing/v1/posts/li", headers=headers)
    (event,) = await service.recorded()
    assert (event.source, event.subject) == ("routing", "post/li")
    assert (event.epoch, event.sequence) == (1, 1)
    assert (event.correlationid, event.causationid) == ("outside-request-1", None)
    assert event.time == service.clock.now()


async def test_a_service_publishes_only_its_own_events(toy_service: MakeToy) -> None:
    _, service = await toy_service("analytics")
    async with service.service.units.begin() as uow:
        with pytest.raises(ValueError, match="may not publish"):
            record(uow, "li")
    assert await service.recorded() == []
