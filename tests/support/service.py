"""One service under test: real database, no loops of its own, every step taken by the test."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select, update

from shared.contracts.envelope import Envelope, EventData
from shared.contracts.routing import PostFacts
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.messaging.bus import Outgoing, Published
from shared.messaging.common import save_post
from shared.runtime.app import create_app
from shared.runtime.service import Service, ServiceSpec, make_issuer
from shared.vocabulary.posts import Role
from tests.support.backends import test_settings

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2026-03-02 09:00 in Asia/Shanghai."""
FIRST_KEY = "grantkey/k1"


class SilentBus:
    """A bus that confirms everything and delivers nothing; the test delivers by hand."""

    is_ready = True

    def subscribe(self, *_: Any) -> None:
        pass

    async def publish(self, batch: Sequence[Outgoing]) -> Published:
        return Published(confirmed={event.id for event in batch})

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass


class ServiceUnderTest:
    """See the module. `client` speaks HTTP to the app; `clock` stands still until moved."""

    def __init__(self, spec: ServiceSpec, url: str, folder: Path, **settings: Any) -> None:
        self.settings = test_settings(folder, database_url=url, **settings)
        self.clock = FixedClock(START, self.settings.zone)
        self.issuer = make_issuer(self.settings)
        self.issuer.key()
        self.app: FastAPI = create_app(spec, self.settings, bus=SilentBus(), clock=self.clock)
        self.service: Service = self.app.state.service
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")
        self._sequences: dict[tuple[str, str], int] = {}

    async def start(self) -> None:
        await self.service.prepare()

    async def close(self) -> None:
        await self.client.aclose()
        await self.service.database.close()

    async def login(
        self,
        role: Role,
        organ: str,
        *,
        person: str | None = None,
        division: str | None = None,
        strong: bool = False,
    ) -> dict[str, str]:
        """Headers of somebody who holds a post: role at an organ (`<12 digits>-<KIND>`); with
        `strong` just logged in with a second factor."""
        person = person or f"{role}@{organ}"
        post = PostFacts(
            post_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{person}|{role}|{organ}"),
            person=person,
            organ_code=organ,
            division_code=division or organ.split("-", maxsplit=1)[0],
            role=role,
            valid_from=datetime(2020, 1, 1, tzinfo=UTC),
            valid_to=None,
        )
        async with self.service.units.begin() as uow:
            await save_post(uow, post, version=1)
        token = self.issuer.token(person, seconds=3600, strong=strong)
        return {"Authorization": f"Bearer {token}"}

    async def give(self, **body: Any) -> dict[str, Any]:
        """A post through routing's API, by one operator and, where that is needed, a second one."""
        office = self.service.reference.root_petition_office
        first = await self.login(Role.OPERATOR, office, person="operator-1")
        second = await self.login(Role.OPERATOR, office, person="operator-2")
        given = await self.client.post("/routing/v1/posts", json=body, headers=first)
        assert given.status_code == 201, given.text
        post: dict[str, Any] = given.json()
        if post["standing"] == "proposed":
            path = f"/routing/v1/posts/{post['post_id']}/confirmation"
            post = (await self.client.post(path, headers=second)).json()
        return post

    def envelope(
        self, data: EventData, *, subject_id: object, sequence: int | None = None, **extra: Any
    ) -> Envelope:
        """An envelope as the producer would make it; the sequence counts up by subject."""
        key = (data.producer(), f"{data.SUBJECT}/{subject_id}")
        if sequence is None:
            sequence = self._sequences.get(key, 0) + 1
        self._sequences[key] = max(sequence, self._sequences.get(key, 0))
        values: dict[str, Any] = {
            "id": new_id(), "source": key[0], "type": data.TYPE, "subject": key[1],
            "time": self.clock.now(), "sequence": sequence, "epoch": 1,
            "correlationid": "test-correlation", "data": data.model_dump(mode="json"),
        }  # fmt: skip
        return Envelope(**(values | extra))

    async def deliver(self, *envelopes: Envelope) -> None:
        """Store in the inbox and work until nothing is due."""
        await self.service.inbox.store([each.to_json().encode() for each in envelopes])
        await self.drain()

    async def drain(self) -> None:
        """Handle everything the inbox has, with all waits for retries cut short."""
        inbox = self.service.tables.inbox
        for _ in range(200):
            await self.service.inbox.work()
            async with self.service.database.writing() as session:
                waiting = await session.scalar(select(func.count()).where(inbox.c.state == "new"))
                await session.execute(
                    update(inbox).where(inbox.c.state == "new").values(next_attempt_at=None)
                )
            if not waiting:
                return
        raise AssertionError("the inbox does not come to rest")

    async def inbox_states(self) -> dict[str, int]:
        """Count of inbox rows by state."""
        inbox = self.service.tables.inbox
        async with self.service.database.reading() as session:
            rows = await session.execute(
                select(inbox.c.state, func.count()).group_by(inbox.c.state)
            )
            return {row[0]: row[1] for row in rows}

    async def recorded(self, *contracts: type[EventData]) -> list[Envelope]:
        """Events in the outbox, in order; only of these contracts when given, else all but the
        key that routing tells at its start."""
        outbox = self.service.tables.outbox
        async with self.service.database.reading() as session:
            rows = await session.scalars(select(outbox.c.envelope).order_by(outbox.c.position))
            envelopes = [Envelope.parse(raw) for raw in rows]
        wanted = {contract.TYPE for contract in contracts}
        if not wanted:
            return [each for each in envelopes if each.subject != FIRST_KEY]
        return [each for each in envelopes if each.type in wanted]
