"""A service stays down under settings that could lose data; it waits for what is only late."""

from __future__ import annotations

import uuid
from pathlib import Path

import aio_pika
import asyncpg
import pytest
from sqlalchemy import update

from services.intake.main import SPEC as INTAKE
from services.routing.main import SPEC as ROUTING
from services.supervision.main import SPEC as SUPERVISION
from shared.db import engine as engines
from shared.messaging.rabbitmq import QueueDiffers, declare, remove
from shared.messaging.topology import Topology
from shared.runtime import starting
from shared.runtime.app import create_app
from shared.runtime.service import Service, ServiceSpec
from shared.runtime.settings import Mode, Settings
from shared.runtime.starting import UnsafeToStart, wait_until_there
from tests.conftest import MakeService
from tests.support.backends import BROKER, POSTGRES, SEPARATED, Backend
from tests.support.service import ServiceUnderTest, SilentBus

only_files = pytest.mark.skipif(SEPARATED, reason="about files")


async def stays_down(
    spec: ServiceSpec, running: ServiceUnderTest, complaint: str, **settings: str
) -> None:
    """A second instance over the same database refuses to start with this complaint."""
    settings_now = running.settings
    again = ServiceUnderTest(spec, settings_now.database_url, settings_now.data_dir, **settings)
    try:
        with pytest.raises(UnsafeToStart, match=complaint):
            await again.start()
    finally:
        await again.close()


@pytest.mark.servers
@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
async def test_a_database_that_answers_before_it_is_on_disk_is_refused(
    make_service: MakeService, value: str
) -> None:
    running = await make_service(SUPERVISION)
    name = running.settings.database_url.rsplit("/", 1)[1]
    admin = await asyncpg.connect(POSTGRES)
    try:
        await admin.execute(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
    finally:
        await admin.close()
    await stays_down(SUPERVISION, running, f"synchronous_commit={value}")


def test_all_three_settings_of_the_server_are_asked_for() -> None:
    """fsync and full_page_writes belong to the whole server: here only that they are judged."""
    assert {name: sorted(ok) for name, ok in engines.DURABLE_SERVER.items()} == {
        "fsync": ["on"],
        "full_page_writes": ["on"],
        "synchronous_commit": ["on", "remote_apply"],
    }


@only_files
@pytest.mark.parametrize(("level", "safe"), [("OFF", 0), ("NORMAL", 0), ("FULL", 1), ("EXTRA", 1)])
async def test_a_file_that_is_not_synced_at_each_commit_is_refused(
    make_service: MakeService, monkeypatch: pytest.MonkeyPatch, level: str, safe: int
) -> None:
    running = await make_service(SUPERVISION)
    pragmas = [each for each in engines.SQLITE_PRAGMAS if "synchronous" not in each]
    monkeypatch.setattr(engines, "SQLITE_PRAGMAS", (*pragmas, f"PRAGMA synchronous={level}"))
    if safe:
        await make_service(SUPERVISION, url=running.settings.database_url)
    else:
        await stays_down(SUPERVISION, running, "synchronous=")


RANDOM = "EKzLNUbYgNQHfG9Pi6v0a1Hc2Jd3Ke4Lf5Mg6Nh7Oi8="


@pytest.mark.parametrize(
    ("vault_keys", "query_code_key", "complaint"),
    [
        (None, RANDOM, "no vault key"),
        ("k1:" + RANDOM, None, "query code key"),
        ("k1:c2hvcnQ=", RANDOM, "bytes instead of 32"),
        ("k1:" + "A" * 43 + "=", RANDOM, "not random"),
        ("k1:" + RANDOM, "c2hvcnQ=", "bytes instead of 32"),
        ("k1:" + RANDOM, "A" * 43 + "=", "not random"),
        (RANDOM, RANDOM, "id"),
    ],
)
async def test_a_separated_intake_without_good_keys_stays_down(
    backend: Backend, tmp_path: Path, vault_keys: str | None, query_code_key: str | None,
    complaint: str,
) -> None:  # fmt: skip
    settings = Settings(
        mode=Mode.SEPARATED, data_dir=tmp_path, jwks="http://x/jwks", root_division="43",
        database_url=await backend.database_url(INTAKE), bus_url="amqp://a:b@nowhere/",
        vault_keys=vault_keys, query_code_key=query_code_key,
    )  # fmt: skip
    app = create_app(INTAKE, settings, bus=SilentBus())
    service: Service = app.state.service
    try:
        with pytest.raises(ValueError, match=complaint):
            await service.prepare()
    finally:
        await service.database.close()
    assert not (tmp_path / "keys").exists()


async def test_a_queue_migrated_with_other_arguments_is_refused(
    make_service: MakeService,
) -> None:
    broker = "amqp://a:b@nowhere/"
    running = await make_service(ROUTING, bus_url=broker)
    meta = running.service.tables.meta
    topology = Topology(running.settings.bus_namespace, {})
    async with running.service.database.writing() as session:
        await session.execute(
            meta.insert().values(key="queue_mark", value=topology.mark("routing"))
        )
    await make_service(ROUTING, url=running.settings.database_url, bus_url=broker)
    async with running.service.database.writing() as session:
        await session.execute(
            update(meta)
            .where(meta.c.key == "queue_mark")
            .values(value=Topology("other", {}).mark("routing"))
        )
    await stays_down(ROUTING, running, "migrate", bus_url=broker)


@pytest.mark.servers
async def test_the_migrate_job_refuses_a_queue_with_other_arguments() -> None:
    topology = Topology(f"xf_start_{uuid.uuid4().hex[:8]}", {"routing": frozenset({"a.b.c.v1"})})
    connection = await aio_pika.connect(BROKER)
    try:
        async with connection:
            channel = await connection.channel()
            await channel.declare_queue(topology.queue("routing"), durable=True)
        with pytest.raises(QueueDiffers):
            await declare(BROKER, topology)
    finally:
        await remove(BROKER, topology)


async def test_what_is_late_is_waited_for_and_what_is_wrong_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starting, "WAITS_SECONDS", (0.0,) * 3)
    calls: list[int] = []

    async def away() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionRefusedError

    await wait_until_there(away, service="toy")
    assert len(calls) == 3

    calls.clear()

    async def wrong() -> None:
        calls.append(1)
        raise UnsafeToStart("fsync=off")

    with pytest.raises(UnsafeToStart):
        await wait_until_there(wrong, service="toy")
    assert len(calls) == 1
