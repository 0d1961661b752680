"""Backup and restore of one service, by the commands of docs/operations.md as they stand there."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import pytest

from tests.compose.documented import blocks, follow
from tests.compose.stack import LEAK, Stack, rabbitmqctl
from tests.compose.test_stack_rights import rights_of
from tests.support.backends import BROKER

pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(600),
]
BUREAU = "430104000000-HOUSING"


async def file_one(running: Stack, operator: dict[str, str]) -> str:
    body = LEAK | {"category_code": "030800"}  # a suggested one would go to the petition office
    filed = await running.client.post("/intake/v1/petitions", json=body)
    assert filed.status_code == 201, filed.text
    await running.settle(operator)
    return str(filed.json()["number"])


async def test_the_documented_restore_beside_a_live_broker_sends_nothing_old(
    running: Stack, tmp_path: Path
) -> None:
    """Copied while all its events still stood unsent; restored after the others had gone on."""
    back_up, restore = blocks("Back up and restore")
    operator = await running.token("operator")
    officer = await running.token("officer", "--organ", BUREAU)
    await file_one(running, operator)
    admin = await asyncpg.connect(running.secret("database_url_admin"),
                                  database=f"{running.name}_intake")  # fmt: skip
    await running.stop("intake")
    await admin.execute("UPDATE outbox SET published_at = NULL")
    # What deployments gave before: it comes back with the copy, and migrate takes it away.
    await admin.execute(f"GRANT UPDATE, DELETE ON audit, audit_seal TO {running.name}_intake")
    old = {str(row["id"]) for row in await admin.fetch("SELECT id FROM outbox")}
    await follow(running, back_up, tmp_path)
    running.start("intake")
    await running.healthy()
    await file_one(running, operator)  # after the copy: lost with the database
    await admin.close()

    everything = urlsplit(BROKER)._replace(path=f"/{running.name}")
    await rabbitmqctl(
        "set_permissions", "-p", running.name, str(everything.username), ".*", ".*", ".*"
    )
    broker = await aio_pika.connect(everything.geturl())
    async with broker:
        channel = await broker.channel()
        spy = await channel.declare_queue(f"{running.name}.spy", exclusive=True)
        await spy.bind("xinfang.events", routing_key="intake.#")
        verdict = await follow(running, restore, tmp_path)
        number = await file_one(running, operator)
        sent = []
        while (message := await spy.get(fail=False)) is not None:
            sent.append(json.loads(message.body))
    assert {each["id"] for each in sent} & old == set()
    assert sent
    assert {each["epoch"] > 1 for each in sent} == {True}
    case = await running.client.get(f"/routing/v1/cases/by-number/{number}", headers=officer)
    assert case.status_code == 200, case.text
    assert verdict.decode().count("相符") == 4
    assert (await rights_of(running, "intake"))["audit"] == "INSERT SELECT"
