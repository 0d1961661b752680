"""A small service for testing the machinery: it notes every post event and can be told to fail."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from sqlalchemy import Column, Integer, String, Table, Uuid, insert, select

from shared.contracts.digest import RoutingDigestV1
from shared.contracts.envelope import EventData
from shared.contracts.routing import EditionPublishedV1, PostChangedV1, PostFacts
from shared.db.editions import save_editions
from shared.db.engine import BIG_IDENTITY, Database
from shared.db.tables import common_tables
from shared.db.types import new_metadata
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.clock import SystemClock
from shared.messaging.subscriptions import Received, Subscriptions
from shared.reference.editions import packaged_editions
from shared.runtime.service import Service, ServiceSpec
from shared.runtime.settings import Settings
from shared.vocabulary.posts import Role
from shared.web.deps import Uow, public
from shared.web.security import Caller

METADATA = new_metadata()
TABLES = common_tables(METADATA)
EFFECT = Table(
    "effect",
    METADATA,
    Column("id", BIG_IDENTITY, primary_key=True, autoincrement=True),
    Column("event_id", Uuid, nullable=False),
    Column("person", String(120), nullable=False),
    Column("sequence", Integer, nullable=False),
)


@dataclass
class Toy:
    """The spec and the switches: `fail` is asked before each effect; for `hangs_at` none ends."""

    fail: Callable[[PostFacts], None] = lambda _: None
    hangs_at: str = ""
    folded: list[int] = field(default_factory=list)
    spec: ServiceSpec = None  # type: ignore[assignment]


def make_toy(name: str = "routing", *, contiguous: bool = False) -> Toy:
    """A toy service; named `routing` it may publish post events, under any name it hears them."""
    toy = Toy()
    streams = frozenset({("routing", "post")}) if contiguous else frozenset()
    subscriptions = Subscriptions(consumer=name, contiguous=streams)

    @subscriptions.on(PostChangedV1)
    async def note(event: Received[PostChangedV1], uow: UnitOfWork) -> None:
        toy.fail(event.data.post)
        if event.data.post.person == toy.hangs_at:
            await asyncio.Event().wait()
        await uow.session.execute(
            insert(EFFECT).values(
                event_id=event.envelope.id,
                person=event.data.post.person,
                sequence=event.envelope.sequence,
            )
        )

    @subscriptions.on_batch(EditionPublishedV1)
    async def fold(events: list[Received[EditionPublishedV1]], uow: UnitOfWork) -> None:
        toy.folded.append(len(events))

    if name != "routing":

        @subscriptions.on(RoutingDigestV1)
        async def keep(event: Received[RoutingDigestV1], uow: UnitOfWork) -> None:
            """Kept by the inbox itself."""

    router = APIRouter()

    @router.post("/posts/{person}", status_code=201)
    async def give(person: str, uow: Uow, _: Annotated[Caller, public()]) -> dict[str, str]:
        """Publish a post event, or break at the commit for the person `broken`."""
        record(uow, person)
        if person == "broken":
            event_id = uuid.UUID(int=1)
            uow._events.append(uow._events[0] | {"id": event_id})
            uow._events.append(uow._events[0] | {"id": event_id})
        return {"person": person}

    toy.spec = ServiceSpec(
        name=name, title="toy", metadata=METADATA, tables=TABLES, routers=(router,),
        subscriptions=subscriptions,
    )  # fmt: skip
    return toy


def a_post(person: str) -> PostChangedV1:
    """A post event about one person."""
    return PostChangedV1(
        post=PostFacts(
            post_id=uuid.uuid5(uuid.NAMESPACE_URL, person),
            person=person,
            organ_code="430000000000-XF",
            division_code="430000000000",
            role=Role.OFFICER,
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            valid_to=None,
        )
    )


def record(uow: UnitOfWork, person: str, *, sequence: int = 1) -> None:
    """Record a post event about `person` in a unit of work."""
    data: EventData = a_post(person)
    uow.record(data, subject_id=person, sequence=sequence)


async def migrate_toy(spec: ServiceSpec, settings: Settings) -> None:
    """Create a toy's tables with the packaged reference data."""
    database = Database(settings.database(spec.name))
    async with database.engine.begin() as connection:
        await connection.run_sync(spec.metadata.create_all)
    async with database.writing() as session:
        await save_editions(session, spec.tables, packaged_editions(), clock=SystemClock())
    await database.close()


async def effects(service: Service) -> list[tuple[str, int]]:
    """(person, sequence) of every effect, in order."""
    async with service.database.reading() as session:
        found = await session.execute(
            select(EFFECT.c.person, EFFECT.c.sequence).order_by(EFFECT.c.id)
        )
        return [(row.person, row.sequence) for row in found]
