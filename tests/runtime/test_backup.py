"""An older copy comes back beside consumers that went on: nothing old is sent, the new is heard."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.standalone import Standalone
from shared.runtime.backup import forget_the_past
from tests.messaging.conftest import MakeToy, toy_service  # noqa: F401  a fixture
from tests.messaging.test_relay import Ledger, a_relay
from tests.messaging.toy import EFFECT, record
from tests.support.backends import test_settings
from tests.support.service import ServiceUnderTest


async def record_one(service: ServiceUnderTest, person: str, sequence: int) -> None:
    async with service.service.units.begin() as uow:
        record(uow, person, sequence=sequence)


async def test_a_restored_producer_sends_nothing_old_and_is_heard_again(
    toy_service: MakeToy,  # noqa: F811
) -> None:
    """The copy is of the moment after version 2 was recorded and before it was sent; the live
    deployment went on to version 5 before it was lost."""
    toy, copy = await toy_service()
    _, consumer = await toy_service("analytics", contiguous=True)
    await record_one(copy, "zhang", 1)
    await a_relay(copy, Ledger()).work()
    await record_one(copy, "zhang", 2)
    await a_relay(copy, Ledger()).lease.hold()
    (one, two) = await copy.recorded()
    later = [two.model_copy(update={"id": type(two.id)(int=n), "sequence": n}) for n in (3, 4, 5)]
    await consumer.deliver(one, two, *later)

    epoch = await forget_the_past(copy.service.database, toy.spec)
    again = await toy_service(url=copy.settings.database_url)
    restored, bus = again[1], Ledger()
    relay = a_relay(restored, bus)
    assert await relay.work() == 0
    assert bus.sent == []
    assert await restored.service.relay.lag() == (0, 0.0)

    await record_one(restored, "zhang", 3)
    assert await relay.work() == 1  # at once: the old holder's lease is gone
    (new,) = bus.sent
    assert new.rank == (epoch, 3) > (1, 5)
    await consumer.deliver(new)
    assert (await consumer.inbox_states()) == {"done": 6}
    assert new.id in await effects(consumer)


async def effects(consumer: ServiceUnderTest) -> set[Any]:
    async with consumer.service.database.reading() as session:
        return set(await session.scalars(EFFECT.select().with_only_columns(EFFECT.c.event_id)))


async def test_two_restores_of_one_copy_never_share_an_epoch(toy_service: MakeToy) -> None:  # noqa: F811
    toy, copy = await toy_service()
    first = await forget_the_past(copy.service.database, toy.spec)
    second = await forget_the_past(copy.service.database, toy.spec)
    assert 1 < first < second


def xinfang(*arguments: str, status: int = 0) -> dict[str, Any]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("XINFANG_")}
    done = subprocess.run(
        [sys.executable, "-m", "services", *arguments, "--json"],
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


PETITION = {
    "purpose": "claim",
    "subject": "长沙市岳麓区银盆岭街道小区路灯不亮",
    "text": "我叫李小满，电话13807310001。小区门口的路灯坏了半个月。",
    "petitioners": [{"name": "李小满", "phone": "13807310001"}],
}


async def file_one(client: httpx.AsyncClient) -> dict[str, str]:
    answer = await client.post("/intake/v1/petitions", json=PETITION)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, str] = answer.json()
    return receipt


async def progress(client: httpx.AsyncClient, receipt: dict[str, str]) -> int:
    answer = await client.get(
        f"/intake/v1/petitions/{receipt['number']}/progress",
        headers={"X-Query-Code": receipt["query_code"]},
    )
    return answer.status_code


async def test_an_embedded_deployment_is_copied_while_it_serves_and_comes_back_whole(
    tmp_path: Path,
) -> None:
    folder, copy = str(tmp_path / "backup"), tmp_path / "copy"
    live = Standalone(test_settings(tmp_path / "live"))
    transport = httpx.ASGITransport(app=live)
    async with live.running(), httpx.AsyncClient(transport=transport, base_url="http://x") as api:
        before = await file_one(api)
        await sealed(live)  # so that there is an anchor to copy
        made = await asyncio.to_thread(
            xinfang, "backup", folder, "--data-dir", str(tmp_path / "live")
        )
        after = await file_one(api)
        await rest(live)
        await sealed(live)
    kept = {"intake.db", "keys/vault.key", "keys/issuer.json", "anchors/intake.log"}
    assert kept <= made["files"].keys()
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700

    told = await asyncio.to_thread(xinfang, "restore", folder, "--data-dir", str(copy))
    assert min(told["epochs"].values()) > 1
    back = Standalone(test_settings(copy))
    transport = httpx.ASGITransport(app=back)
    async with back.running(), httpx.AsyncClient(transport=transport, base_url="http://x") as api:
        assert [await progress(api, before), await progress(api, after)] == [200, 404]
        again = await file_one(api)
        await rest(back)
        assert await progress(api, again) == 200
        assert [(await each.unsettled())["parked"] for each in back.services] == [0] * 4
        await sealed(back)
    for data in (copy, tmp_path / "live"):
        told = await asyncio.to_thread(xinfang, "audit", "verify", "--data-dir", str(data))
        (intake,) = [each for each in told["services"] if each["service"] == "intake"]
        assert told["sound"]
        assert intake["sealed"] >= intake["anchors"] > 1


async def sealed(standalone: Standalone) -> None:
    """Wait until no audit row is open to change, nor a loop in trouble."""
    async with asyncio.timeout(60):
        age = 1.0
        while age:
            age = sum([await each.audit_unsealed_seconds() for each in standalone.services])
            await asyncio.sleep(0.05)
    assert not [worker for each in standalone.services for worker in each.workers if worker.error]


async def rest(standalone: Standalone) -> None:
    """Wait until nothing is on its way between the services, three times in a row."""
    quiet = 0
    async with asyncio.timeout(60):
        while quiet < 3:
            counts = [await each.unsettled() for each in standalone.services]
            moving = any(each["unsent"] or each["new"] or each["held"] for each in counts)
            quiet = 0 if moving else quiet + 1
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("harm", ["changed", "missing", "occupied", "anchored"])
async def test_a_backup_that_is_not_whole_is_not_restored(tmp_path: Path, harm: str) -> None:
    folder, target = tmp_path / "backup", tmp_path / "target"
    (folder / "keys").mkdir(parents=True)
    (folder / "intake.db").write_bytes(b"x")
    target.mkdir()
    if harm != "missing":
        (folder / "backup.json").write_text('{"files": {"intake.db": "0"}}')
    if harm in {"occupied", "anchored"}:
        digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        (folder / "backup.json").write_text(json.dumps({"files": {"intake.db": digest}}))
    if harm == "occupied":
        (target / "routing.db").write_bytes(b"")
    if harm == "anchored":
        (target / "anchors").mkdir()
        (target / "anchors/intake.log").write_text("{}\n")
    said = await asyncio.to_thread(
        xinfang, "restore", str(folder), "--data-dir", str(target), status=1
    )
    words = {"changed": "不同", "missing": "不是完整的备份", "occupied": "已有数据库",
             "anchored": "审计锚点"}  # fmt: skip
    assert words[harm] in said["error"]
    assert not (target / "intake.db").exists()
