"""What each container's role may do in the database and each user at the broker, and no more."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aio_pika
import asyncpg
import pytest
from aiormq.exceptions import ChannelAccessRefused

from shared.db.roles import Login
from tests.compose.stack import SERVICES, Stack

pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(600),
]

LEDGERS = {"intake": ("reveal",), "routing": ("relief_entry", "relief_payment")}
"""Tables of a service that are added to and never changed."""


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_role_can_neither_define_nor_reach_beyond(
    running: Stack, service: str
) -> None:
    url = running.secret(f"database_url_{service}").replace("+asyncpg", "")
    login = Login.of_url(url)
    other = next(each for each in SERVICES if each != service)
    forbidden = [
        "CREATE TABLE own (x int)",
        "CREATE TEMP TABLE own (x int)",
        "CREATE SCHEMA own",
        "CREATE VIEW own AS SELECT 1",
        "ALTER TABLE outbox ADD COLUMN x int",
        "DROP TABLE outbox",
        "TRUNCATE outbox",
        "CREATE INDEX own ON outbox (type)",
        "CREATE ROLE own",
        f"SET ROLE {running.name}_migrate",
    ]
    connection = await asyncpg.connect(url)
    try:
        for statement in forbidden:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        assert await connection.fetchval("SELECT count(*) FROM meta") > 0
    finally:
        await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(url, database=login.database.replace(service, other))


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_role_may_add_to_its_audit_and_its_seals_and_nothing_else(
    running: Stack, service: str
) -> None:
    """The owner of the tables could; a service that was taken over can not cover its tracks."""
    connection = await asyncpg.connect(
        running.secret(f"database_url_{service}").replace("+asyncpg", "")
    )
    forbidden = [
        *(
            statement.format(table=table)
            for table in ("audit", "audit_seal")
            for statement in (
                "UPDATE {table} SET position = position",
                "DELETE FROM {table}",
                "TRUNCATE {table}",
                "SELECT 1 FROM {table} FOR UPDATE",
                "ALTER TABLE {table} DISABLE TRIGGER ALL",
            )
        ),
        "UPDATE audit SET actor = 'nobody'",
        "UPDATE audit_seal SET hash = ''",
        "INSERT INTO alembic_version VALUES ('x')",
        "DELETE FROM alembic_version",
    ]
    try:
        for statement in forbidden:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
    given = await rights_of(running, service)
    added_to = {"audit", "audit_seal", *LEDGERS.get(service, ())}
    assert {given.pop(table) for table in added_to} == {"INSERT SELECT"}
    assert given.pop("alembic_version") == "SELECT"
    assert set(given.values()) == {"DELETE INSERT SELECT UPDATE"}


async def rights_of(running: Stack, service: str) -> dict[str, str]:
    """What a service's role may do: table -> rights."""
    connection = await asyncpg.connect(
        running.secret(f"database_url_{service}").replace("+asyncpg", "")
    )
    try:
        rights = await connection.fetch(
            "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS given"
            " FROM information_schema.table_privileges WHERE grantee = CURRENT_USER GROUP BY 1"
        )
    finally:
        await connection.close()
    return {row["table_name"]: row["given"] for row in rights}


async def test_audit_rows_are_sealed_with_those_rights(running: Stack) -> None:
    url = running.secret("database_url_intake").replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(30):
            sealed = 0
            while not sealed:
                sealed = await connection.fetchval("SELECT count(*) FROM audit_seal")
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def broker_refuses(url: str, act: Any) -> None:
    connection = await aio_pika.connect(url)
    try:
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await act(channel)
    finally:
        with contextlib.suppress(Exception):
            await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_user_writes_its_own_keys_and_reads_its_own_queue_only(
    running: Stack, service: str
) -> None:
    url = running.secret(f"bus_url_{service}")
    other = "routing" if service != "routing" else "intake"
    forged = aio_pika.Message(b"{}", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)

    async def publish_anothers(channel: Any) -> None:
        exchange = await channel.get_exchange("xinfang.events")
        await exchange.publish(forged, routing_key=f"{other}.case.referred.v1", timeout=5)

    async def publish_past_the_exchange(channel: Any) -> None:
        await channel.default_exchange.publish(forged, routing_key=f"xinfang.{other}", timeout=5)

    async def read_anothers(channel: Any) -> None:
        await (await channel.get_queue(f"xinfang.{other}")).get(timeout=5)

    async def declare(channel: Any) -> None:
        await channel.declare_queue("xinfang.own", durable=True)

    async def bind_to_own(channel: Any) -> None:
        queue = await channel.get_queue(f"xinfang.{service}")
        await queue.bind("xinfang.events", routing_key="#")

    async def delete_own(channel: Any) -> None:
        await channel.queue_delete(f"xinfang.{service}")

    for act in (publish_anothers, publish_past_the_exchange, read_anothers, declare, bind_to_own,
                delete_own):  # fmt: skip
        await broker_refuses(url, act)


async def test_the_commands_user_may_only_count(running: Stack) -> None:
    url = running.secret("bus_url_tools")
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("xinfang.intake", passive=True)
        assert queue.declaration_result.message_count is not None

    async def read(channel: Any) -> None:
        await (await channel.get_queue("xinfang.intake")).get(timeout=5)

    await broker_refuses(url, read)
