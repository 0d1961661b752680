"""SIGTERM under load: what was answered is there, and a client that asks again settles the rest."""

from __future__ import annotations

import asyncio
import signal
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import select, update

from services.standalone import Standalone
from shared.vocabulary.posts import Role
from tests.support.backends import test_settings
from tests.support.deployment import Deployment

CLIENTS = 8
EACH = 6
STOPS = 1


async def test_nothing_is_lost_or_doubled_when_the_process_is_told_to_stop(tmp_path: Path) -> None:
    async with Deployment(tmp_path, separated=False) as running:
        filed = asyncio.Event()
        clients = [asyncio.create_task(file_many(running, filed)) for _ in range(CLIENTS)]
        for _ in range(STOPS):
            filed.clear()
            await filed.wait()
            process = running._processes["standalone"]
            process.send_signal(signal.SIGTERM)
            # uvicorn ends in order and then hands the signal on.
            assert await asyncio.to_thread(process.wait, 30) == -signal.SIGTERM
            running.start("standalone")
        numbers = [number for task in clients for number in await task]
        await running.ready()
        await running.settle()
        assert len(set(numbers)) == len(numbers) == CLIENTS * EACH
        analyst = await running.login(Role.ANALYST, "430000000000-PETITION")
        answer = await running.client.get(
            "/analytics/v1/summary",
            params={"from": "2020-01-01", "to": "2099-12-31"},
            headers=analyst,
        )
        assert str(CLIENTS * EACH) in answer.text.replace("_", "")
        log = running.log("standalone")
        assert log.count("service.stopped") == STOPS * 4
        assert "Traceback" not in log


async def test_who_serves_a_folder_need_not_wait_for_leases_of_a_killed_predecessor(
    tmp_path: Path,
) -> None:
    settings = test_settings(tmp_path)
    dead = Standalone(settings)
    async with dead.running():
        pass
    long = datetime.now(UTC) + timedelta(days=1)
    for service in dead.services:
        async with service.database.writing() as session:
            lease = service.tables.lease
            await session.execute(update(lease).values(holder="killed", until=long))
        await service.database.close()
    alive = Standalone(settings)
    async with alive.running(), asyncio.timeout(20):
        while await holders(alive) & {"killed"}:  # noqa: ASYNC110  a state of the database
            await asyncio.sleep(0.05)


async def holders(standalone: Standalone) -> set[str]:
    """Who holds the inboxes of the four services."""
    found: set[str] = set()
    for service in standalone.services:
        lease = service.tables.lease
        async with service.database.reading() as session:
            rows = await session.scalars(select(lease.c.holder).where(lease.c.name == "inbox"))
            found |= set(rows)
    return found


async def file_many(running: Deployment, filed: asyncio.Event) -> list[str]:
    """File petitions one after the other, each until it is answered, always with the same key."""
    numbers = []
    for number in range(EACH):
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        body = {
            "purpose": "suggestion",
            "subject": f"长沙市岳麓区第{number}号公交站",
            "text": "建议在岳麓区增设公交站，方便老人出行。",
            "petitioners": [{"name": "李小满", "phone": "13807310001"}],
        }
        numbers.append(await _until_answered(running, headers, body))
        filed.set()
    return numbers


async def _until_answered(
    running: Deployment, headers: dict[str, str], body: dict[str, object]
) -> str:
    while True:
        try:
            answer = await running.client.post("/intake/v1/petitions", json=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.05)
            continue
        assert answer.status_code in {201, 409, 503}, answer.text
        if answer.status_code == 201:
            return str(answer.json()["number"])
        await asyncio.sleep(0.05)
