"""Loops that must not die in silence: supervised, woken or polling, ended by an event."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

IDLE_MIN_SECONDS = 0.05
IDLE_MAX_SECONDS = 0.5
REST_SECONDS = 0.02
BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Worker:
    """Runs one `work` function again and again; `work` returns how much it did.

    After work it runs again at once; where it did less than `full`, when it is woken or polls, and
    not sooner than `rest` after the last pass began: a pass costs about the same for one event as
    for dozens, so more should come together. Idle it waits for `wake` or the poll, which slows down
    from 50 ms to `idle_max`: what waits for a time of its own is met after at most twice as long,
    and a service where nothing happens hardly works. An error is logged, shown in
    `error` (readiness) and answered by a pause; the loop ends only when `stop` is called, never in
    the middle of `work`.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[int]],
        *,
        idle_max: float = IDLE_MAX_SECONDS,
        full: int = 0,
        rest: float = REST_SECONDS,
        on_stop: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self.error: str | None = None
        self._work = work
        self._idle_max = idle_max
        self._full = full
        self._rest = rest
        self._on_stop = on_stop
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the loop as a task."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """Run now instead of at the next poll."""
        self._woken.set()

    async def stop(self) -> None:
        """Ask the loop to end and wait until it has."""
        self._stopping = True
        self._woken.set()
        if self._task:
            await self._task

    @property
    def is_alive(self) -> bool:
        """Whether the loop runs."""
        return self._task is not None and not self._task.done()

    async def _run(self) -> None:
        idle, failures = IDLE_MIN_SECONDS, 0
        while not self._stopping:
            self._woken.clear()
            began = time.monotonic()
            try:
                done = await self._work()
                self.error, failures = None, 0
            except asyncio.CancelledError:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
                done, failures = 0, failures + 1
                self.error = "CancelledError"
            except Exception as error:
                done, failures = 0, failures + 1
                self.error = type(error).__name__
                log.warning("worker.failed", worker=self.name, error=self.error, failures=failures,
                            exc_info=failures == 1)  # fmt: skip
            if failures:
                await self._wait(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1])
            elif done and done >= self._full:
                idle = IDLE_MIN_SECONDS
                await asyncio.sleep(0)
            elif await self._wait(IDLE_MIN_SECONDS if done else idle) or done:
                idle = IDLE_MIN_SECONDS
                await asyncio.sleep(began + self._rest - time.monotonic())
            else:
                idle = min(self._idle_max, idle * 2)
        if self._on_stop:
            with contextlib.suppress(Exception):
                await self._on_stop()

    async def _wait(self, seconds: float) -> bool:
        """Wait for `wake` at most that long; whether it came."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return False
        return True
