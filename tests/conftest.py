"""Fixtures for every suite; XINFANG_TEST_BACKENDS=separated runs all of it on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shared.runtime.service import ServiceSpec
from tests.support.backends import SEPARATED, Backend, Files, Servers
from tests.support.service import ServiceUnderTest

MakeService = Callable[..., Awaitable[ServiceUnderTest]]


@pytest.fixture(scope="session")
async def backend(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    """Where databases of this session come from."""
    folder = tmp_path_factory.mktemp("databases")
    made: Backend = Servers(folder) if SEPARATED else Files(folder)
    yield made
    await made.close()


@pytest.fixture
async def make_service(backend: Backend, tmp_path: Path) -> AsyncIterator[MakeService]:
    """`await make_service(SPEC)` -> ServiceUnderTest on a fresh database, closed after the test.

    `url=` opens another instance on a database that exists (several watchers, restarts)."""
    made: list[ServiceUnderTest] = []

    async def make(
        spec: ServiceSpec, *, url: str | None = None, **settings: Any
    ) -> ServiceUnderTest:
        service = ServiceUnderTest(
            spec, url or await backend.database_url(spec), tmp_path, **settings
        )
        await service.start()
        made.append(service)
        return service

    yield make
    for service in made:
        await service.close()
