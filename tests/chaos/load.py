"""The load: citizens file and officers act at a bounded rate, each noting it in the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx

from tests.chaos.ledger import Filing, Ledger
from tests.chaos.ring import Ring

YUELU = "430104000000"
BUREAU = f"{YUELU}-HOUSING"
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("accepted", "acceptance", {}),
    ("answered", "answer",
     {"opinion": "supported", "text": "已责成维修", "legal_basis": "《物业管理条例》"}),
    ("closed", "delivery", {"method": "in_person"}),
)  # fmt: skip
"""State of the case after the step, its path, its body."""


class Load:
    """See the module. A request whose answer never came is sent again until it is settled."""

    def __init__(
        self, running: Ring, ledger: Ledger, *, officer: dict[str, str], category: str
    ) -> None:
        self._running = running
        self._ledger = ledger
        self._officer = officer
        self._category = category
        self._rng = random.Random(len(ledger.filings))

    @asynccontextmanager
    async def flowing(self, per_second: float) -> AsyncIterator[None]:
        """File and act at about this rate, half and half, while the block lasts."""
        tasks: set[asyncio.Task[None]] = set()

        async def pace() -> None:
            while True:
                await asyncio.sleep(1 / per_second)
                if len(tasks) < 40:  # bounded: a stalled system is not flooded
                    task = asyncio.create_task(self._one())
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)

        pacer = asyncio.create_task(pace())
        try:
            yield
        finally:
            pacer.cancel()
            await asyncio.gather(pacer, *tasks, return_exceptions=True)

    async def settle_indeterminate(self) -> None:
        """Send again whatever nobody knows the end of, with the same keys."""
        await _together(self._file(filing) for filing in self._ledger.indeterminate)
        await _together(self._act(each) for each in self._ledger.acknowledged if each.unsure)

    async def _one(self) -> None:
        candidates = [f for f in self._ledger.acknowledged if len(f.acts) < len(STEPS)][-60:]
        if candidates and self._rng.random() < 0.5:
            await self._act(self._rng.choice(candidates))
            return
        old = self._ledger.indeterminate
        if old and self._rng.random() < 0.3:
            await self._file(self._rng.choice(old))
            return
        key = uuid.uuid4().hex
        filing = Filing(key, self._body(key))
        self._ledger.filings[key] = filing
        await self._file(filing)

    def _body(self, key: str) -> dict[str, Any]:
        return {
            "purpose": "claim",
            "subject": "长沙市岳麓区银盆岭街道小区电梯年久失修，房屋漏水",
            "text": f"岳麓区某小区房屋质量差，外墙渗水，开发商一直不维修。第 {key} 号",
            "category_code": self._category,
            "petitioners": [{"name": "李小满", "phone": "13807310001"}],
        }

    async def _file(self, filing: Filing) -> None:
        self._ledger.before("file", filing.key, filing.body)
        filing.tries += 1
        answer = await self._send("/intake/v1/petitions", filing.body,
                                  {"Idempotency-Key": filing.key})  # fmt: skip
        if answer is not None and answer.status_code == 201:
            filing.receipt = answer.json()
            self._ledger.after("file", filing.key, filing.receipt["number"])
        else:
            self._ledger.after("file", filing.key, answer.status_code if answer else None)

    async def _act(self, filing: Filing) -> None:
        if filing.case is None:
            filing.case = await self._case(filing)
        if filing.case is None or len(filing.acts) >= len(STEPS):
            return
        state, path, body = STEPS[len(filing.acts)]
        self._ledger.before(path, filing.key, body)
        filing.unsure = True
        answer = await self._send(
            f"/routing/v1/cases/{filing.case['case_id']}/{path}", body, self._officer
        )
        self._ledger.after(path, filing.key, answer.status_code if answer else None)
        if answer is None or answer.status_code >= 500:
            return
        filing.unsure = False
        # Refused because it is so already: it had been done, only its answer was lost.
        done = answer.status_code == 200 or answer.json().get("current") == state
        if done and [step for step, *_ in STEPS[len(filing.acts) :]][:1] == [state]:
            filing.acts.append(state)

    async def _case(self, filing: Filing) -> dict[str, Any] | None:
        number = filing.receipt["number"] if filing.receipt else ""
        with contextlib.suppress(httpx.HTTPError):
            answer = await self._running.client.get(
                f"/routing/v1/cases/by-number/{number}", headers=self._officer, timeout=5
            )
            if answer.status_code == 200:
                found: dict[str, Any] = answer.json()
                return found
        return None

    async def _send(
        self, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> httpx.Response | None:
        running = self._running
        try:
            answer = await running.client.post(
                path, json=body, headers=headers, timeout=running.patience
            )
        except httpx.HTTPError:
            return None
        running.refusals[answer.status_code] += answer.is_error
        if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            running.complaints.append(f"500 at {path}")
        return answer


async def _together(work: Any) -> None:
    """Run coroutines, eight at a time."""
    gate = asyncio.Semaphore(8)

    async def one(each: Coroutine[Any, Any, None]) -> None:
        async with gate:
            await each

    await asyncio.gather(*(one(each) for each in list(work)))
