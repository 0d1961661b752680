"""Databases and queues of a bench's own on the servers of this machine, removed afterwards."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from services.deployment import SPECS, migrate, topology
from shared.messaging.rabbitmq import remove
from shared.runtime.migrate import migrate_service
from shared.runtime.service import ServiceSpec
from shared.runtime.settings import Mode, Settings

POSTGRES = os.environ.get(
    "XINFANG_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
BROKER = os.environ.get("XINFANG_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/")


@asynccontextmanager
async def fresh(alone: ServiceSpec | None = None) -> AsyncIterator[Settings]:
    """Migrated databases, as the settings that lead there: of one service without a broker, or of
    all four with their queues."""
    prefix = f"xf_bench_{uuid.uuid4().hex[:8]}"
    base = POSTGRES.rsplit("/", 1)[0]
    names = [f"{prefix}_{spec.name}" for spec in ([alone] if alone else SPECS)]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            mode=Mode.TEST, data_dir=Path(folder), root_division="43", log_level="WARNING",
            database_url=f"{base.replace('postgresql', 'postgresql+asyncpg')}/{prefix}_{{service}}",
            bus_url="memory:" if alone else BROKER, bus_namespace=prefix,
        )  # fmt: skip
        await run(POSTGRES, [f"CREATE DATABASE {name}" for name in names])
        try:
            await (migrate_service(alone, settings) if alone else migrate(settings))
            yield settings
        finally:
            if not alone:
                await remove(BROKER, topology(settings))
            await run(POSTGRES, [f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names])


@asynccontextmanager
async def autovacuum() -> AsyncIterator[None]:
    """Have the server vacuum and analyze while the block runs, as every server in use does; one
    made for short tests may not. A bench without a server has nothing to turn on."""
    try:
        connection = await asyncpg.connect(POSTGRES)
    except OSError:
        yield
        return
    was = await connection.fetchval("SHOW autovacuum")
    await connection.close()
    reload = "SELECT pg_reload_conf()"
    if was == "off":
        await run(POSTGRES, ["ALTER SYSTEM SET autovacuum = on", reload])
    try:
        yield
    finally:
        if was == "off":
            await run(POSTGRES, ["ALTER SYSTEM RESET autovacuum", reload])


def plain_url(settings: Settings, service: str) -> str:
    """The URL of a service's database as asyncpg reads it."""
    return settings.database(service).replace("postgresql+asyncpg", "postgresql")


async def run(url: str, statements: Sequence[str]) -> None:
    """Statements one after the other, each a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
