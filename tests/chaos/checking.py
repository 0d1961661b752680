"""The outside check: the REST interfaces of the four services against the ledger."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from aio_pika.exceptions import AMQPError

from services.deployment import topology
from shared.messaging.factory import waiting_messages
from tests.chaos.ledger import Filing, Ledger
from tests.chaos.ring import Ring
from tests.support.deployment import SERVICES

AGREE_SECONDS = 60.0
KINDS = ("lost", "doubled", "unexpected", "stuck")
WORDS = {
    "referred": "待受理",
    "accepted": "办理中",
    "answered": "已答复，待送达",
    "closed": "已办结",
}
MUST_OWE = {"referred": {"D1", "D3"}, "accepted": {"D1", "D3", "D5"},
            "answered": {"D1", "D3", "D5", "delivery_internal"},
            "closed": {"D1", "D3", "D5", "delivery_internal"}}  # fmt: skip


@dataclass
class Verdict:
    """What was found after one trial; every list must be empty."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    parked: int = 0
    seconds: float = 0.0
    looked_seconds: float = 0.0

    @property
    def breaches(self) -> list[str]:
        """Everything that must not be."""
        return [f"{kind}: {each}" for kind in KINDS for each in getattr(self, kind)]


@dataclass(frozen=True, slots=True)
class Eyes:
    """Headers of those who look."""

    officer: dict[str, str]
    supervisor: dict[str, str]
    analyst: dict[str, str]


class Checker:
    """Compares the ledger with what the services show."""

    def __init__(self, running: Ring, ledger: Ledger, eyes: Eyes) -> None:
        self._running = running
        self._ledger = ledger
        self._eyes = eyes

    async def judge(
        self, filings: Sequence[Filing], *, parked: int, seconds: float = AGREE_SECONDS
    ) -> Verdict:
        """Wait until the four agree, at most so long, then look at every filing of the trial.

        `parked` is how many events of this run must be parked, and no more."""
        verdict, began = Verdict(), time.monotonic()
        while time.monotonic() - began < seconds:
            differences = await self._differences()
            if not differences:
                break
            await asyncio.sleep(0.2)
        agreed = time.monotonic()
        verdict.stuck += differences
        verdict.parked = sum((await self._unsettled())["parked"].values())
        if verdict.parked != parked:
            (verdict.lost if verdict.parked < parked else verdict.unexpected).append(
                f"{verdict.parked} parked events instead of {parked}"
            )
        gate = asyncio.Semaphore(6)

        async def look(filing: Filing) -> None:
            async with gate:
                await self._look_at(filing, verdict)

        await asyncio.gather(*(look(each) for each in filings if each.receipt))
        verdict.looked_seconds = time.monotonic() - agreed
        return verdict

    async def _differences(self) -> list[str]:
        """What the services do not agree on yet."""
        try:
            counts = await self._unsettled()
            moving = {k: v for k, v in counts.items() if k != "parked" and any(v.values())}
            figures = await self._get(
                "/analytics/v1/summary",
                self._eyes.analyst,
                {"from": "2020-01-01", "to": "2099-12-31"},
            )
            now = datetime.now(UTC) + self._running.ahead
            since, until = now - timedelta(days=380), now + timedelta(days=1)
            registered = await self._get(
                "/intake/v1/counts",
                self._running.operator,
                {"since": since.isoformat(), "until": until.isoformat()},
            )
        except (httpx.HTTPError, KeyError) as error:
            return [f"not answering: {type(error).__name__}"]
        acknowledged = self._ledger.acknowledged
        answered = sum("answered" in filing.acts for filing in acknowledged)
        found = [f"{kind}: {by}" for kind, by in moving.items()]
        if figures["items"] != len(acknowledged):
            found.append(f"analytics counts {figures['items']}, ledger {len(acknowledged)}")
        if registered["total"] != len(acknowledged):
            found.append(f"intake has {registered['total']}, ledger {len(acknowledged)}")
        if figures["answered"] != answered:
            found.append(f"analytics has {figures['answered']} answered, ledger {answered}")
        return found or await self._left_at_the_broker()

    async def _left_at_the_broker(self) -> list[str]:
        """What still lies in a queue, that of the given-up included; queues must end empty."""
        if not self._running.broker:
            return []
        try:
            left = await waiting_messages(self._running.broker, topology(self._running.settings))
        except (OSError, AMQPError) as error:
            return [f"broker not answering: {type(error).__name__}"]
        return [f"{left} messages in queues"] if left else []

    async def _unsettled(self) -> dict[str, dict[str, int]]:
        result: dict[str, dict[str, int]] = {}
        for name in SERVICES:
            counts = await self._get(f"/{name}/v1/unsettled", self._running.operator, {})
            for kind, value in counts.items():
                result.setdefault(kind, {})[name] = value
        return result

    async def _get(self, path: str, headers: dict[str, str], query: dict[str, Any]) -> Any:
        """The answer; a connection that was just being closed is not held against the service."""
        for more in (True, True, False):
            try:
                answer = await self._running.client.get(
                    path, params=query, headers=headers, timeout=10
                )
            except httpx.TransportError:
                if not more:
                    raise
                await asyncio.sleep(0.2)
            else:
                return answer.raise_for_status().json()
        raise AssertionError

    async def _look_at(self, filing: Filing, verdict: Verdict) -> None:
        receipt = filing.receipt or {}
        number = receipt["number"]
        try:
            progress = await self._get(
                f"/intake/v1/petitions/{number}/progress",
                {"X-Query-Code": receipt["query_code"]},
                {},
            )
            case = await self._get(f"/routing/v1/cases/by-number/{number}", self._eyes.officer, {})
            owed = await self._get(
                "/supervision/v1/duties",
                self._eyes.supervisor,
                {"case_id": case["case_id"], "limit": 200},
            )
        except httpx.HTTPStatusError as error:
            verdict.lost.append(f"{number}: {error.response.status_code} {error.request.url.path}")
            return
        except httpx.TransportError as error:
            verdict.stuck.append(f"{number}: {type(error).__name__} {error.request.url.path}")
            return
        expected = filing.acts[-1] if filing.acts else "referred"
        states = list(WORDS)
        if states.index(case["state"]) < states.index(expected):
            verdict.lost.append(f"{number}: {expected} was acknowledged, is {case['state']}")
        elif case["state"] != expected:
            verdict.unexpected.append(f"{number}: {case['state']}, nobody was told of it")
        if progress["state"] != WORDS[case["state"]]:
            verdict.stuck.append(f"{number}: progress {progress['state']}, case {case['state']}")
        kinds = Counter((d["kind"], d["subject_id"], d["ordinal"]) for d in owed["items"])
        verdict.doubled += [f"{number}: duty {key} twice" for key, n in kinds.items() if n > 1]
        missing = MUST_OWE[case["state"]] - {kind for kind, _, _ in kinds}
        verdict.lost += [f"{number}: no duty {kind}" for kind in sorted(missing)]

    async def fired_twice(self) -> list[str]:
        """Duties that supervision announced as overdue more than once."""
        overdue = Counter(
            event["subject"]
            for event in await self._running.events("supervision")
            if event["type"] == "supervision.duty.overdue.v1"
        )
        return [f"{subject} fired {times} times" for subject, times in overdue.items() if times > 1]
