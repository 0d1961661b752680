"""Fixtures of the web suites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.messaging.toy import migrate_toy
from tests.support.backends import Backend
from tests.support.service import ServiceUnderTest
from tests.web.shop import make_shop


async def opened(backend: Backend, folder: Path) -> AsyncIterator[ServiceUnderTest]:
    spec = make_shop()
    service = ServiceUnderTest(spec, await backend.database_url(spec, migrate_toy), folder)
    await service.start()
    yield service
    await service.close()


@pytest.fixture
async def shop(backend: Backend, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    """The toy of this suite on a fresh database."""
    async for service in opened(backend, tmp_path):
        yield service


@pytest.fixture(scope="module")
async def shared_shop(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceUnderTest]:
    """One toy for all tests of a module that do not mind each other's rows."""
    async for service in opened(backend, tmp_path_factory.mktemp("shop")):
        yield service
