"""One service alone on a database of its own, somebody who may call it, and rows in bulk."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.http import SERVER, Measured, get, load
from services.deployment import migrate, topology
from shared.kernel.ids import new_id
from shared.messaging.rabbitmq import remove
from shared.runtime.service import make_issuer
from shared.runtime.settings import Mode, Settings
from shared.vocabulary.posts import Role

POSTGRES = os.environ.get(
    "XINFANG_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
BROKER = os.environ.get("XINFANG_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/")
SERVICES = ("intake", "routing", "supervision", "analytics")
HOST = "127.0.0.1"
START_SECONDS = 60
ROOT = "43"


@dataclass(frozen=True, slots=True)
class Serving:
    """A running service: its port, its database for bare asyncpg, the settings it was given."""

    port: int
    database: str
    settings: Settings
    environment: dict[str, str]

    async def login(self, role: Role, *organs: str) -> dict[str, str]:
        """Headers of somebody who holds a post at each of these organs."""
        person = f"bench-{new_id().hex}"
        connection = await asyncpg.connect(self.database)
        await connection.executemany(
            "INSERT INTO post VALUES ($1, $2, $3, $4, $5, now() - interval '1 day', NULL, 1)",
            [(new_id(), person, organ, organ.partition("-")[0], str(role)) for organ in organs],
        )
        await connection.close()
        token = make_issuer(self.settings).token(person, seconds=36_000)
        return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def serving(name: str, *, workers: int = 1) -> AsyncIterator[Serving]:
    """Start a service, migrated and empty; remove everything after."""
    prefix = f"xf_bench_{uuid.uuid4().hex[:8]}"
    base = POSTGRES.rsplit("/", 1)[0]
    names = [f"{prefix}_{each}" for each in SERVICES]
    await admin(*(f"CREATE DATABASE {each}" for each in names))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            mode=Mode.TEST, data_dir=Path(folder), root_division=ROOT,
            database_url=f"{base.replace('postgresql', 'postgresql+asyncpg')}/{prefix}_{{service}}",
            bus_url=BROKER, bus_namespace=prefix, log_level="WARNING",
        )  # fmt: skip
        await migrate(settings)
        environment = os.environ | {
            "XINFANG_MODE": "test", "XINFANG_DATA_DIR": folder, "XINFANG_ROOT_DIVISION": ROOT,
            "XINFANG_DATABASE_URL": settings.database_url, "XINFANG_BUS_URL": BROKER,
            "XINFANG_BUS_NAMESPACE": prefix, "XINFANG_LOG_LEVEL": "WARNING",
        }  # fmt: skip
        try:
            database = f"{base}/{prefix}_{name}"
            port = free_port()
            with uvicorn(f"services.{name}.main:app", port, environment, workers=workers):
                await ready(port, "/ready")
                yield Serving(port, database, settings, environment)
        finally:
            await remove(BROKER, topology(settings))
            await admin(*(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)" for each in names))


def free_port() -> int:
    """A port nobody listens on now, so that benches don't meet."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextmanager
def uvicorn(app: str, port: int, environment: dict[str, str], *, workers: int = 1) -> Any:
    """An app factory as a process for as long as the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", app, "--factory", "--port", str(port),
         "--workers", str(workers), *SERVER, "--no-access-log", "--log-level", "warning"],
        env=environment,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


async def ready(port: int, path: str) -> None:
    """Wait until a path answers 200."""
    async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while True:
            try:
                if (await client.get(f"http://{HOST}:{port}{path}")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)


async def reads(
    port: int, path: str, headers: dict[str, str], *, seconds: float, connections: int
) -> Measured:
    """The same GET again and again. Raises ValueError when an answer is no 200."""
    request = get(path, headers)
    measured = await load(HOST, port, lambda _: request, connections=connections, seconds=seconds)
    if set(measured.statuses) != {200}:
        raise ValueError(f"{path}: {measured.statuses}")
    return measured


async def admin(*statements: str) -> None:
    """Statements on the server itself, one by one."""
    connection = await asyncpg.connect(POSTGRES)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def fill(database: str, statement: str, values: Sequence[Any], tables: Sequence[str]) -> None:
    """Rows by one statement, then what autovacuum would have done meanwhile."""
    connection = await asyncpg.connect(database)
    await connection.execute(statement, *values, timeout=600)
    for table in tables:
        await connection.execute(f"VACUUM (ANALYZE) {table}", timeout=600)
    await connection.close()
