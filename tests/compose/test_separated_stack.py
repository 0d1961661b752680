"""Compose's containers as processes: any order of start, a journey, and rights that hold."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import asyncpg
import pytest
from aiormq.exceptions import ChannelAccessRefused

from shared.db.roles import Login
from tests.compose.stack import SERVICES, Stack, stack

pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(600),
]
BUREAU = "430104000000-HOUSING"
ROOT_OFFICE = "430000000000-PETITION"
LEAK = {
    "purpose": "claim",
    "subject": "长沙市岳麓区银盆岭街道小区电梯年久失修，房屋漏水",
    "text": "我叫李小满，电话13807310001。岳麓区某小区房屋质量差，外墙渗水，开发商一直不维修。",
    "petitioners": [{"name": "李小满", "phone": "13807310001"}],
}


@pytest.fixture(scope="module")
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


async def token(running: Stack, role: str, *more: str) -> dict[str, str]:
    text = await running.run("tools", "token", "--role", role, *more)
    return {"Authorization": f"Bearer {text}"}


async def settle(running: Stack, operator: dict[str, str]) -> None:
    quiet = 0
    async with asyncio.timeout(60):
        while quiet < 3:
            counts = [
                (await running.client.get(f"/{name}/v1/unsettled", headers=operator)).json()
                for name in SERVICES
            ]
            busy = any(each["unsent"] or each["new"] or each["held"] for each in counts)
            quiet = 0 if busy else quiet + 1
            await asyncio.sleep(0.1)


async def test_a_petition_is_filed_routed_answered_watched_and_counted(running: Stack) -> None:
    operator = await token(running, "operator")
    officer = await token(running, "officer", "--organ", BUREAU)
    categories = await running.client.get("/routing/v1/categories", params={"q": "城乡建设"})
    body = LEAK | {"category_code": categories.json()[0]["code"]}
    filed = await running.client.post("/intake/v1/petitions", json=body)
    assert filed.status_code == 201, filed.text
    await settle(running, operator)

    number = filed.json()["number"]
    case = await running.client.get(f"/routing/v1/cases/by-number/{number}", headers=officer)
    assert case.status_code == 200, case.text
    case_id = case.json()["case_id"]
    for step, said in (
        ("acceptance", {}),
        ("answer", {"opinion": "supported", "text": "已修复。"}),
        ("delivery", {"method": "phone"}),
    ):
        done = await running.client.post(
            f"/routing/v1/cases/{case_id}/{step}", json=said, headers=officer
        )
        assert done.status_code == 200, done.text
        await settle(running, operator)

    duties = await running.client.get(
        "/supervision/v1/duties", params={"case_id": case_id}, headers=officer
    )
    assert {each["state"] for each in duties.json()["items"]} & {"met"}
    progress = await running.client.get(
        f"/intake/v1/petitions/{number}/progress",
        headers={"X-Query-Code": filed.json()["query_code"]},
    )
    assert progress.status_code == 200
    analyst = await token(running, "analyst", "--organ", ROOT_OFFICE)
    figures = await running.client.get(
        "/analytics/v1/summary", params={"from": "2020-01-01", "to": "2099-12-31"}, headers=analyst
    )
    assert figures.status_code == 200, figures.text


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


async def test_services_that_came_first_waited_and_log_no_secret(running: Stack) -> None:
    assert any("service.waits" in running.log(name) for name in SERVICES)
    for name in SERVICES:
        log = running.log(name)
        passwords = [
            running.secret(f"{kind}_{name}").split("@")[0].rsplit(":", 1)[1]
            for kind in ("database_url", "bus_url")
        ]
        assert not any(password in log for password in passwords)


async def test_metrics_are_inside_only(running: Stack) -> None:
    assert (await running.client.get("/metrics")).status_code == 404
