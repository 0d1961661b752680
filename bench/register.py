"""`POST /intake/v1/petitions` with every check on, against the ceilings, in interleaved rounds."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx

from bench.ceilings import ceilings, prepare_ceilings
from bench.cpu import cpu_medians, cpu_seconds, microseconds_each
from bench.http import SERVER, Measured, all_statuses, load, post
from services.deployment import migrate, topology
from shared.kernel.ids import new_id
from shared.messaging.rabbitmq import remove
from shared.runtime.service import make_issuer
from shared.runtime.settings import Mode, Settings
from shared.vocabulary.posts import Role
from shared.web.tokens import OPERATOR_PERSON

POSTGRES = os.environ.get(
    "XINFANG_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
BROKER = os.environ.get("XINFANG_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/")
TABLES = ["stored_answer", "petition", "vault", "audit", "outbox"]
TEXT = (
    "我是岳麓区某小区的业主。小区门口的路灯坏了三个多月，晚上出门很不安全，老人和孩子多次摔倒。"
    "我们向物业反映过几次，物业说路灯归市政管，让我们自己打电话；打了电话以后说已经登记，"
    "但是到现在还没有人来修。请帮忙协调尽快修好，谢谢。联系电话13800000001。"
)


@dataclass(frozen=True, slots=True)
class Intake:
    """A running intake with two worker processes, and somebody who may register there."""

    port: int
    database: str
    headers: dict[str, str]
    pid: int


@asynccontextmanager
async def running_intake() -> AsyncIterator[Intake]:
    """Start intake alone (with its relay) on a database of its own; remove everything after."""
    prefix = f"xf_bench_{uuid.uuid4().hex[:8]}"
    base = POSTGRES.rsplit("/", 1)[0]
    names = [f"{prefix}_{name}" for name in ("intake", "routing", "supervision", "analytics")]
    await _admin(*(f"CREATE DATABASE {name}" for name in names))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            mode=Mode.TEST, data_dir=Path(folder), root_division="43",
            database_url=f"{base.replace('postgresql', 'postgresql+asyncpg')}/{prefix}_{{service}}",
            bus_url=BROKER, bus_namespace=prefix, log_level="INFO",
        )  # fmt: skip
        await migrate(settings)
        port = 18431
        environment = os.environ | {
            "XINFANG_MODE": "test", "XINFANG_DATA_DIR": folder, "XINFANG_ROOT_DIVISION": "43",
            "XINFANG_DATABASE_URL": settings.database_url, "XINFANG_BUS_URL": BROKER,
            "XINFANG_BUS_NAMESPACE": prefix,
        }  # fmt: skip
        with (Path(folder) / "intake.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "services.intake.main:app", "--factory",
                 "--port", str(port), "--workers", "2", *SERVER, "--no-access-log"],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            await ready(port)
            issuer = make_issuer(settings)
            token = issuer.token("bench-registrar", seconds=3600)
            await _give_post(names[0])
            yield Intake(
                port, f"{base}/{names[0]}", {"Authorization": f"Bearer {token}"}, process.pid
            )
        finally:
            process.terminate()
            process.wait(20)
            await remove(BROKER, topology(settings))
            await _admin(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))


def filing(number: int, login: Mapping[str, str]) -> bytes:
    """The n-th registration: a registrar's, with category, petitioner and idempotency key."""
    body = {
        "channel": "online", "purpose": "claim", "subject": f"岳麓区小区路灯损坏无人维修 {number}",
        "text": TEXT, "division_code": "430104", "category_code": "030000",
        "petitioners": [{"name": "李小满", "phone": "13800000001", "address": "某小区1栋"}],
    }  # fmt: skip
    headers = {**login, "Idempotency-Key": new_id().hex}
    return post("/intake/v1/petitions", json.dumps(body).encode(), headers)


async def bench_register(*, rounds: int, seconds: float) -> dict[str, Any]:
    """Interleave A1, register and A2; the medians and their ratios."""
    async with running_intake() as intake:

        def request(number: int) -> bytes:
            return filing(number, intake.headers)

        await load("127.0.0.1", intake.port, request, connections=16, seconds=2)
        await prepare_ceilings(intake.database, TABLES)
        a1, a2, measured, costs, unsent = [], [], list[Measured](), [], []
        for _ in range(rounds):
            await _settled(intake)
            a1.append(await _ceiling(intake, seconds, one_statement=False))
            before = cpu_seconds(intake.pid)
            measured.append(
                await load("127.0.0.1", intake.port, request, connections=16, seconds=seconds)
            )
            after = cpu_seconds(intake.pid)
            costs.append(microseconds_each(before, after, len(measured[-1].seconds)))
            unsent.append(await _unsent(intake))
            await _settled(intake)
            a2.append(await _ceiling(intake, seconds, one_statement=True))
    rate = median(each.per_second for each in measured)
    return {
        "a1_per_second": round(median(a1), 1),
        "a2_per_second": round(median(a2), 1),
        "register_per_second": round(rate, 1),
        "register_over_a1": round(rate / median(a1), 3),
        "register_over_a2": round(rate / median(a2), 3),
        "p50_ms": round(median(each.percentile(0.5) for each in measured), 1),
        "p99_ms": round(median(each.percentile(0.99) for each in measured), 1),
        "events_unsent_at_the_end": max(unsent),
        "cpu_us_each": cpu_medians(costs),
        "statuses": all_statuses(measured),
    }


async def _ceiling(intake: Intake, seconds: float, *, one_statement: bool) -> float:
    return await asyncio.to_thread(
        ceilings, intake.database, TABLES, seconds=seconds, one_statement=one_statement
    )


async def _unsent(intake: Intake) -> int:
    connection = await asyncpg.connect(intake.database)
    count: int = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    await connection.close()
    return count


async def _settled(intake: Intake) -> None:
    """What the relay still has to do must not be taken from the next measurement."""
    async with asyncio.timeout(120):
        while await _unsent(intake):  # noqa: ASYNC110  another process works
            await asyncio.sleep(0.1)


async def _give_post(database: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES.rsplit('/', 1)[0]}/{database}")
    await connection.execute(
        "INSERT INTO post SELECT gen_random_uuid(), 'bench-registrar', organ_code, division_code,"
        " $1, valid_from, valid_to, 1 FROM post WHERE person = $2",
        str(Role.REGISTRAR), OPERATOR_PERSON,
    )  # fmt: skip
    await connection.close()


async def ready(port: int) -> None:
    """Wait until a server answers that it is ready."""
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/ready")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)


async def _admin(*statements: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
