"""Fixtures for every suite, and which tests each run holds.

The embedded run holds every test but those marked `servers`. The separated one
(XINFANG_TEST_BACKENDS=separated) holds what can turn out differently there: tests with a database
of the `backend` fixture, and those marked `servers`. The rest would only be the same test twice.
Tests marked `long` are left out of the embedded run. With XINFANG_TEST_LONG=1 it holds only them,
and again with all their cases those that drew only some (tests/support/tiers.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings
from xdist.scheduler import LoadFileScheduling

from shared.runtime.service import ServiceSpec
from tests.support.backends import SEPARATED, Backend, Files, Servers
from tests.support.service import ServiceUnderTest
from tests.support.tiers import ALL_CASES, LONG

settings.load_profile("all" if ALL_CASES else "few")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def belongs(item: pytest.Item) -> bool:
        servers = item.get_closest_marker("servers") is not None
        if SEPARATED:
            return servers or "backend" in getattr(item, "fixturenames", ())
        long = item.get_closest_marker("long") is not None
        return not servers and (long or _draws(item) if LONG else not long)

    kept = [item for item in items if belongs(item)]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if not belongs(item)])
    # Those that ask for much time come first: no worker is left alone with one at the end.
    items[:] = sorted(kept, key=_time_asked_for, reverse=True)


def _draws(item: pytest.Item) -> bool:
    """Whether the test tries only some of its cases in `make test`."""
    marked = item.get_closest_marker("cases") is not None
    return marked or is_hypothesis_test(getattr(item, "obj", None))


def _time_asked_for(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return marker.args[0] if marker else 0.0


class Units(LoadFileScheduling):
    """What one worker of a parallel run takes at a time: a file; all of compose, whose files share
    one running stack."""

    def _split_scope(self, nodeid: str) -> str:
        compose = "tests/compose"
        return compose if nodeid.startswith(f"{compose}/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Units:
    return Units(config, log)


MEMORY = Path("/dev/shm")  # pytest makes a folder of its own there
ROOM = 4 * 2**30


def pytest_configure(config: pytest.Config) -> None:
    """Temporary folders lie in memory where there is room: each commit of a service waits until
    its database is on the disk, and a run makes very many."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


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
