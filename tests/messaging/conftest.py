"""Fixtures of the messaging suites."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.messaging.toy import Toy, make_toy, migrate_toy
from tests.support.backends import Backend
from tests.support.service import ServiceUnderTest

MakeToy = Callable[..., Awaitable[tuple[Toy, ServiceUnderTest]]]


@pytest.fixture
async def toy_service(backend: Backend, tmp_path: Path) -> AsyncIterator[MakeToy]:
    """`await toy_service("analytics")` -> (Toy, ServiceUnderTest) on a fresh database."""
    made: list[ServiceUnderTest] = []

    async def make(
        name: str = "routing", *, contiguous: bool = False, url: str | None = None
    ) -> tuple[Toy, ServiceUnderTest]:
        toy = make_toy(name, contiguous=contiguous)
        target = url or await backend.database_url(toy.spec, migrate_toy)
        service = ServiceUnderTest(toy.spec, target, tmp_path)
        await service.start()
        made.append(service)
        return toy, service

    yield make
    for service in made:
        await service.close()
