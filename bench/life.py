"""A petition's whole life over RabbitMQ: filed, routed, its duty started, counted.

The four services run as four processes. Requests come at a fixed rate whether or not earlier ones
were answered. The rate is raised step by step; the highest at which no backlog grows is the last
step whose events had all had their effect within `SETTLED_SECONDS` of the last request. Half of it
is then offered for a longer time.

A life ends when analytics has counted the duty that the referral started: the instant its inbox
notes as the last thing before its commit.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.databases import plain_url
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.vocabulary.posts import Role
from tests.support.deployment import Deployment

FIRST_RATE, FACTOR = 10.0, 1.4
STEP_SECONDS = 8.0
HALF_SECONDS = 30.0
SETTLED_SECONDS = 1.0
OFFICE = "430104000000-PETITION"
TEXT = (
    "我是岳麓区某小区的业主。小区门口的路灯坏了三个多月，晚上出门很不安全，老人和孩子多次摔倒。"
    "我们向物业反映过几次，打了电话以后说已经登记，但是到现在还没有人来修。请帮忙协调尽快修好。"
)
COUNTED = """
SELECT envelope::json -> 'data' -> 'duty' -> 'petition_ids' ->> 0 AS petition, min(done_at) AS at
FROM inbox WHERE type = 'supervision.duty.started.v1' AND state = 'done'
AND envelope::json -> 'data' -> 'duty' ->> 'subject_kind' = 'case' GROUP BY 1"""


@dataclass(slots=True)
class Offered:
    """Requests of one rate: when each was sent, by the petition's number, and how long the answers
    took."""

    sent: dict[str, datetime] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0


async def bench_life(*, rounds: int, seconds: float) -> dict[str, Any]:  # noqa: ARG001
    """The steps, the highest rate without a growing backlog, and the lives at half of it."""
    with tempfile.TemporaryDirectory() as folder:
        async with Deployment(Path(folder), separated=True, log_level="WARNING") as deployment:
            headers = await deployment.login(Role.REGISTRAR, OFFICE)
            await offer(deployment, headers, rate=FIRST_RATE, seconds=3)
            await deployment.settle()
            steps, highest = [], 0.0
            for number in itertools.count():
                rate = FIRST_RATE * FACTOR**number
                step = await _step(deployment, headers, rate)
                steps.append(step)
                if not step["kept_up"]:
                    break
                highest = rate
            half = await offer(deployment, headers, rate=highest / 2, seconds=HALF_SECONDS)
            await deployment.settle()
            lives = await _lives(deployment, half)
    return {
        "steps": steps,
        "highest_without_backlog": round(highest, 1),
        "offered_at_half": round(highest / 2, 1),
        "petitions": len(half.sent),
        "not_counted": len(half.sent) - len(lives),
        "post_p50_ms": _share(half.seconds, 0.5),
        "post_p99_ms": _share(half.seconds, 0.99),
        "life_p50_ms": _share(lives, 0.5),
        "life_p99_ms": _share(lives, 0.99),
    }


async def _step(deployment: Deployment, headers: dict[str, str], rate: float) -> dict[str, Any]:
    offered = await offer(deployment, headers, rate=rate, seconds=STEP_SECONDS)
    began = time.perf_counter()
    await deployment.settle(seconds=300)
    settled = time.perf_counter() - began
    lives = await _lives(deployment, offered)
    return {
        "rate": round(rate, 1),
        "accepted": len(offered.sent),
        "refused": offered.refused,
        "settled_after_s": round(settled, 2),
        "life_p50_ms": _share(lives, 0.5),
        "kept_up": settled <= SETTLED_SECONDS and not offered.refused,
    }


async def offer(
    deployment: Deployment, headers: dict[str, str], *, rate: float, seconds: float
) -> Offered:
    """Requests at a rate, each at its time; returns when all are answered."""
    offered = Offered()
    async with asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            group.create_task(_file(deployment.client, headers, offered, number))
    return offered


async def _file(
    client: httpx.AsyncClient, headers: dict[str, str], offered: Offered, number: int
) -> None:
    body = {
        "channel": "online", "purpose": "claim", "subject": f"岳麓区小区路灯损坏无人维修 {number}",
        "text": TEXT, "division_code": "430104", "category_code": "030000",
        "petitioners": [{"name": "李小满", "phone": "13800000001", "address": "某小区1栋"}],
    }  # fmt: skip
    sent, began = SystemClock().now(), time.perf_counter()
    key = {"Idempotency-Key": new_id().hex}
    try:
        answer = await client.post("/intake/v1/petitions", json=body, headers=headers | key)
    except httpx.TransportError:  # a connection the server just closed
        offered.refused += 1
        return
    offered.seconds.append(time.perf_counter() - began)
    if answer.status_code == 201:
        offered.sent[answer.json()["number"]] = sent
    else:
        offered.refused += 1


async def _lives(deployment: Deployment, offered: Offered) -> list[float]:
    """Seconds from each request to the commit that counted its duty."""
    numbers = await _fetch(deployment, "intake", "SELECT number, id::text FROM petition")
    counted = dict(await _fetch(deployment, "analytics", COUNTED))
    ends = {number: counted.get(petition) for number, petition in numbers}
    found = ((ends.get(number), sent) for number, sent in offered.sent.items())
    return [(at - sent).total_seconds() for at, sent in found if at is not None]


async def _fetch(deployment: Deployment, service: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(plain_url(deployment.settings, service))
    found: list[Any] = await connection.fetch(query)
    await connection.close()
    return found


def _share(values: list[float], share: float) -> float | None:
    """Milliseconds below which that share of the values lies."""
    ordered = sorted(values)
    return round(1000 * ordered[int(share * (len(ordered) - 1))], 1) if ordered else None
