"""Four services under test with their events carried between them by hand: no loops, no broker."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import httpx
from sqlalchemy import select

from services.deployment import SPECS
from shared.vocabulary.posts import Role
from tests.conftest import MakeService
from tests.support.service import ServiceUnderTest

ROOT_OFFICE = "430000000000-PETITION"


class Platform:
    """`client` reaches each service by the first segment of the path; `answers` keeps them all."""

    def __init__(self, services: Sequence[ServiceUnderTest]) -> None:
        self.services = {each.service.spec.name: each for each in services}
        self.answers: list[httpx.Response] = []
        self._carried: set[uuid.UUID] = set()

    async def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        service = self.services[path.split("/")[1]]
        answer = await service.client.request(method, path, headers=headers, **options)
        self.answers.append(answer)
        return answer

    async def login(
        self, role: Role, organ: str, *, person: str | None = None, strong: bool = False
    ) -> dict[str, str]:
        """Headers of somebody with the post known to all services."""
        found = [
            await each.login(role, organ, person=person or f"{role}@{organ}", strong=strong)
            for each in self.services.values()
        ]
        return found[0]

    async def settle(self) -> None:
        """Carry events to whoever subscribes until none is left."""
        while fresh := [
            pair for each in self.services.values() for pair in await self._fresh(each)
        ]:
            for name, envelopes in self._sorted(fresh).items():
                await self.services[name].service.inbox.store(envelopes)
                await self.services[name].drain()

    async def _fresh(self, sut: ServiceUnderTest) -> list[tuple[str, bytes]]:
        outbox = sut.service.tables.outbox
        async with sut.service.database.reading() as session:
            rows = (await session.execute(select(outbox).order_by(outbox.c.position))).all()
        fresh = [row for row in rows if row.id not in self._carried]
        self._carried |= {row.id for row in fresh}
        return [(row.type, row.envelope.encode()) for row in fresh]

    def _sorted(self, fresh: list[tuple[str, bytes]]) -> dict[str, list[bytes]]:
        return {
            name: wanted
            for name, each in self.services.items()
            if (wanted := [raw for kind, raw in fresh
                           if kind in each.service.spec.subscriptions.types])
        }  # fmt: skip


async def make_platform(make_service: MakeService, **settings: Any) -> Platform:
    """All four services on fresh databases, sharing one data folder and its keys."""
    return Platform([await make_service(spec, **settings) for spec in SPECS])
