"""Fixtures of the web suites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.messaging.toy import migrate_toy
from tests.support.backends import Backend
from tests.support.service import ServiceUnderTest
from tests.web.shop import make_shop


@pytest.fixture
async def shop(backend: Backend, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    """The toy of this suite on a fresh database."""
    spec = make_shop()
    service = ServiceUnderTest(spec, await backend.database_url(spec, migrate_toy), tmp_path)
    await service.start()
    yield service
    await service.close()
