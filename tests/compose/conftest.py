"""The compose file's containers as processes, started once for all tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.compose.stack import SERVICES, Stack, stack


@pytest.fixture(scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Everything up, the services first of all: whatever they need comes later."""
    async with stack(tmp_path_factory.mktemp("compose")) as made:
        await made.run("keys")
        for service in SERVICES:
            made.start(service)
        await made.run("databases")
        await made.import_definitions()
        await made.run("migrate")
        await made.healthy()
        yield made
