"""Processor time of this process and of the database's processes that serve it.

On a shared machine seconds say what others did too; processor time per item does not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import asyncpg

TICK = os.sysconf("SC_CLK_TCK")


class Processor:
    """Seconds used since `start`; the server must run on this machine and keep its connections."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._began = (0.0, 0.0)

    async def start(self) -> None:
        """Count from here."""
        self._began = await self._now()

    async def used(self) -> tuple[float, float]:
        """Seconds of (Python, PostgreSQL) since `start`."""
        python, server = await self._now()
        return python - self._began[0], server - self._began[1]

    async def _now(self) -> tuple[float, float]:
        connection = await asyncpg.connect(self._url)
        found = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        await connection.close()
        return time.process_time(), sum(_seconds(row["pid"]) for row in found)


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
