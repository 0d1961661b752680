"""Databases for tests: SQLite files, or PostgreSQL with XINFANG_TEST_BACKENDS=separated.

Each service is migrated once per test session into a template; every test gets a copy.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest

from shared.runtime.migrate import migrate_service
from shared.runtime.service import ServiceSpec
from shared.runtime.settings import Mode, Settings
from tests.support import tiers

SEPARATED = tiers.SEPARATED
POSTGRES = os.environ.get(
    "XINFANG_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
BROKER = os.environ.get("XINFANG_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/")
BOTH = [
    pytest.param(False, id="embedded"),
    pytest.param(True, id="separated", marks=pytest.mark.servers),
]
"""Ways to run a whole deployment: a parameter of tests with real processes."""
ROOT_DIVISION = "430000000000"
DROPPERS = 30


def test_settings(data_dir: Path, **values: object) -> Settings:
    """Settings of a test deployment: Hunan province as root, everything in `data_dir`."""
    return Settings(
        mode=Mode.TEST,
        data_dir=data_dir,
        root_division=ROOT_DIVISION,
        **values,  # type: ignore[arg-type]
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


Migrate = Callable[[ServiceSpec, Settings], Awaitable[None]]


def _schema(spec: ServiceSpec) -> str:
    """Names what a template holds: a toy may bear a real service's name, its tables differ."""
    return f"{spec.name}_{id(spec.metadata):x}"


class Backend(Protocol):
    """Makes a migrated database per test."""

    async def database_url(self, spec: ServiceSpec, migrate: Migrate = migrate_service) -> str:
        """URL of a fresh, migrated database of a service."""

    async def close(self) -> None:
        """Remove what was made."""


class Files:
    """SQLite: a template file per service, copied per test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, Path] = {}

    async def database_url(self, spec: ServiceSpec, migrate: Migrate = migrate_service) -> str:
        schema = _schema(spec)
        if schema not in self._templates:
            home = self._folder / f"template-{schema}"
            home.mkdir()
            await migrate(spec, test_settings(home))
            self._templates[schema] = home / f"{spec.name}.db"
        copy = self._folder / f"{spec.name}-{uuid.uuid4().hex}.db"
        shutil.copyfile(self._templates[schema], copy)
        return f"sqlite+aiosqlite:///{copy}"

    async def close(self) -> None:
        pass


class Servers:
    """PostgreSQL: a template database per service, copied per test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, str] = {}
        self._made: list[str] = []

    def url(self, name: str) -> str:
        base = POSTGRES.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://")
        return f"{base}/{name}"

    async def _run(self, *statements: str) -> None:
        connection = await asyncpg.connect(POSTGRES)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def database_url(self, spec: ServiceSpec, migrate: Migrate = migrate_service) -> str:
        schema = _schema(spec)
        if schema not in self._templates:
            template = f"xf_test_{spec.name}_{uuid.uuid4().hex[:8]}"
            await self._run(f"CREATE DATABASE {template}")
            self._made.append(template)
            settings = test_settings(self._folder, database_url=self.url(template))
            await migrate(spec, settings)
            self._templates[schema] = template
        copy = f"xf_test_{uuid.uuid4().hex[:12]}"
        await self._run(f"CREATE DATABASE {copy} TEMPLATE {self._templates[schema]}")
        self._made.append(copy)
        return self.url(copy)

    async def close(self) -> None:
        # Each drop waits for a checkpoint; those dropped side by side share one.
        drops = [f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in self._made]
        await asyncio.gather(*(self._run(*drops[first::DROPPERS]) for first in range(DROPPERS)))
