"""Loops that never die in silence, run when woken and end between two pieces of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.runtime import workers
from shared.runtime.workers import Worker

FOR_EVER = 3600.0
Start = Callable[..., Worker]


class Work:
    """Work that counts its runs, does as told and lets a test wait for a run."""

    def __init__(self, *outcomes: int | BaseException) -> None:
        self.outcomes = list(outcomes)
        self.runs = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Event()

    async def __call__(self) -> int:
        self.runs += 1
        self._changed.set()
        await self.gate.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else 0
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def until(self, runs: int) -> None:
        async with asyncio.timeout(20):
            while self.runs < runs:
                self._changed.clear()
                await self._changed.wait()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  the worker has no event for it
            await asyncio.sleep(0)


@pytest.fixture
async def start(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Starts workers that, left alone, would poll once and then wait for ever."""
    monkeypatch.setattr(workers, "IDLE_MIN_SECONDS", FOR_EVER)
    made: list[Worker] = []

    def run(
        work: Callable[[], Awaitable[int]], on_stop: Callable[[], Awaitable[None]] | None = None
    ) -> Worker:
        worker = Worker("tested", work, idle_max=FOR_EVER, on_stop=on_stop)
        worker.start()
        made.append(worker)
        return worker

    yield run
    for worker in made:
        await worker.stop()


async def test_work_that_fails_is_shown_and_tried_again(start: Start) -> None:
    work = Work(ValueError("张三"), KeyError("x"))
    worker = start(work)
    await work.until(1)
    await until(lambda: worker.error is not None)
    assert (worker.error, worker.is_alive) == ("ValueError", True)
    await work.until(3)
    await until(lambda: worker.error is None)
    assert worker.is_alive


async def test_a_cancellation_nobody_asked_for_is_a_failure_like_any_other(start: Start) -> None:
    """A library that loses its connection may raise CancelledError (decision 0074)."""
    work = Work(asyncio.CancelledError())
    worker = start(work)
    await work.until(2)
    assert worker.is_alive


async def test_wake_runs_at_once(start: Start) -> None:
    work = Work()
    worker = start(work)
    for runs in range(1, 5):
        await work.until(runs)
        worker.wake()
    await work.until(5)


async def test_wake_cuts_the_pause_after_a_failure_short(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BACKOFF_SECONDS", (FOR_EVER,))
    work = Work(ValueError())
    worker = start(work)
    await until(lambda: worker.error is not None)
    worker.wake()
    await work.until(2)


async def test_a_wake_during_work_is_not_lost(start: Start) -> None:
    work = Work()
    work.gate.clear()
    worker = start(work)
    await work.until(1)
    worker.wake()
    work.gate.set()
    await work.until(2)


async def test_while_there_is_work_it_goes_on_without_waiting(start: Start) -> None:
    work = Work(*[1] * 50)
    start(work)
    await work.until(51)


async def test_stop_waits_for_the_work_under_way(start: Start) -> None:
    finished: list[str] = []
    work = Work(1)
    work.gate.clear()

    async def whole() -> int:
        done = await work()
        finished.append("work")
        return done

    async def on_stop() -> None:
        finished.append("on_stop")

    worker = start(whole, on_stop)
    await work.until(1)
    stopping = asyncio.create_task(worker.stop())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not stopping.done()
    assert finished == []
    work.gate.set()
    async with asyncio.timeout(20):
        await stopping
    assert finished == ["work", "on_stop"]
    assert (work.runs, worker.is_alive) == (1, False)


@pytest.mark.parametrize("outcome", [0, ValueError()])
async def test_stop_does_not_wait_for_a_pause_to_end(
    start: Start, monkeypatch: pytest.MonkeyPatch, outcome: int | Exception
) -> None:
    monkeypatch.setattr(workers, "BACKOFF_SECONDS", (FOR_EVER,))
    work = Work(outcome)
    worker = start(work)
    await work.until(1)
    for _ in range(10):
        await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await worker.stop()
    assert work.runs == 1


async def test_what_fails_at_the_stop_does_not_hold_the_others_up(start: Start) -> None:
    async def fail() -> None:
        raise OSError

    worker = start(Work(), fail)
    await worker.stop()
    await worker.stop()
    assert not worker.is_alive


async def test_a_worker_that_never_started_can_be_stopped() -> None:
    worker = Worker("idle", Work())
    assert not worker.is_alive
    await worker.stop()
