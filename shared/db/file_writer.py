"""Changes written into a file in groups: one thread call and one commit for all that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.new_rows import NewRow, each

MOST_ROWS = 2000
"""Rows from which the next change waits for the next group."""


@dataclass(slots=True)
class _Change:
    rows: Sequence[NewRow]
    done: asyncio.Future[None]


class FileWriter:
    """Writes changes that consist of new rows only.

    A commit costs the same for one change as for many, so what came while one was under way goes
    into the next one together. Nobody waits for company: an idle writer writes at once. If a group
    fails, its changes are written one by one, and each has its own outcome.
    `turn` is the engine whose only connection everybody who writes to this file must hold;
    `engine` reaches the same file from a thread.
    """

    def __init__(self, engine: Engine, *, turn: AsyncEngine) -> None:
        self._engine = engine
        self._turn = turn
        self._waiting: list[_Change] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, rows: Sequence[NewRow]) -> None:
        """Write the rows, all or none; returns once they are safe on the disk."""
        change = _Change(rows, asyncio.get_running_loop().create_future())
        self._waiting.append(change)
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="file_writer")
        await change.done

    def close(self) -> None:
        """Close the connection; nothing may be under way."""
        self._engine.dispose()

    async def _work(self) -> None:
        group: list[_Change] = []
        try:
            while self._waiting:
                async with self._turn.connect():
                    group = self._next_group()
                    outcomes = await asyncio.to_thread(self._outcomes, group)
                for change, outcome in zip(group, outcomes, strict=True):
                    _tell(change, outcome)
        except Exception as error:  # noqa: BLE001  handed to whoever waits
            for change in (*group, *self._waiting):
                _tell(change, error)
            self._waiting.clear()
        finally:
            self._task = None

    def _next_group(self) -> list[_Change]:
        group: list[_Change] = []
        rows = 0
        while self._waiting and rows < MOST_ROWS:
            change = self._waiting.pop(0)
            if not change.done.cancelled():
                group.append(change)
                rows += len(change.rows)
        return group

    def _outcomes(self, group: Sequence[_Change]) -> list[Exception | None]:
        """What became of each change; runs in a thread."""
        if len(group) > 1:
            together = [row for change in group for row in change.rows]
            if self._outcome(together) is None:
                return [None] * len(group)
        return [self._outcome(change.rows) for change in group]

    def _outcome(self, rows: Sequence[NewRow]) -> Exception | None:
        try:
            with self._engine.begin() as connection:
                for sql, values in each(connection.dialect, rows):
                    connection.exec_driver_sql(sql, values)
        except Exception as error:  # noqa: BLE001  handed to whoever waits for this change
            return error
        return None


def _tell(change: _Change, outcome: Exception | None) -> None:
    if change.done.done():
        return  # whoever waited has left
    if outcome is None:
        change.done.set_result(None)
    else:
        change.done.set_exception(outcome)
