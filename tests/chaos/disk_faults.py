"""Full disks: writes are refused aloud, reads go on, and with room again all is well by itself."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx

from tests.chaos.faults import Fault
from tests.chaos.ring import Ring
from tests.chaos.room import Room
from tests.chaos.servers import OwnPostgres
from tests.support.deployment import SERVICES

Hurt = Callable[[Ring, random.Random], Awaitable[int]]
REFUSED = 503
NOTICED_SECONDS = 40.0


def full_disks(ring: Ring, postgres: OwnPostgres | None = None) -> list[Fault]:
    """What can fill up here."""
    found = []
    if ring.disk:
        found.append(Fault("disk full, SQLite", files_full(ring.disk)))
    if postgres and postgres.room and postgres.log_room:
        found.append(
            Fault("disk full, PostgreSQL", cluster_full(postgres, postgres.room), smoke=False)
        )
        found.append(
            Fault("disk full, PostgreSQL's log", log_full(postgres, postgres.log_room), smoke=False)
        )
    if ring.anchors:
        found.append(Fault("disk full, audit anchors", anchors_full(ring.anchors), smoke=False))
    return found


def files_full(room: Room) -> Hurt:
    """The data folder of the embedded server has no byte left."""

    async def hurt(ring: Ring, rng: random.Random) -> int:
        await _refused_but_read(ring, room)
        for name in SERVICES:
            ring.complaints += await asyncio.to_thread(_damage, room.folder / f"{name}.db")
        return 0

    return hurt


def cluster_full(postgres: OwnPostgres, room: Room) -> Hurt:
    """No table can grow; the write-ahead log has a disk of its own, as it should."""

    async def hurt(ring: Ring, rng: random.Random) -> int:
        await _refused_but_read(ring, room)
        await postgres.revive()
        return 0

    return hurt


def log_full(postgres: OwnPostgres, room: Room) -> Hurt:
    """The write-ahead log can't grow: PostgreSQL ends by itself, and is started again."""

    async def hurt(ring: Ring, rng: random.Random) -> int:
        room.fill()
        try:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                async with asyncio.timeout(15):
                    connection = await asyncpg.connect(postgres.url)
                    while True:  # until it needs a file that was not there yet
                        await connection.execute(
                            "SELECT pg_logical_emit_message(false, 'chaos', repeat('x', 1000000))"
                        )
                        room.fill()
        finally:
            room.free()
        await postgres.revive()
        return 0

    return hurt


def anchors_full(room: Room) -> Hurt:
    """Heads of the audit chain can't be written: readiness says so, work goes on."""

    async def hurt(ring: Ring, rng: random.Random) -> int:
        room.fill()
        try:
            name = "intake"
            await ring.not_ready(name, "worker:audit_seal", seconds=60)
        finally:
            room.free()
        return 0

    return hurt


async def _refused_but_read(ring: Ring, room: Room) -> None:
    """Fill the disk until writes are refused; what is there must be readable meanwhile."""
    ring.refusals.clear()
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(NOTICED_SECONDS):
                while ring.refusals[REFUSED] < 3:
                    room.fill()
                    await asyncio.sleep(0.2)
        if ring.refusals[REFUSED] < 3:
            ring.complaints.append(f"writes on a full disk: {dict(ring.refusals)}")
        await _reads(ring)
    finally:
        room.free()


async def _reads(ring: Ring) -> None:
    """Complain unless every service still tells what it knows."""
    for name in SERVICES:
        try:
            answer = await ring.client.get(f"/{name}/v1/unsettled", headers=ring.operator)
        except httpx.HTTPError as error:
            ring.complaints.append(f"{name} does not read on a full disk: {type(error).__name__}")
        else:
            if answer.is_error:
                ring.complaints.append(f"{name} answers {answer.status_code} on a full disk")


def _damage(path: Path) -> list[str]:
    """What SQLite's own check finds wrong with a file."""
    connection = sqlite3.connect(path, timeout=15)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    finally:
        connection.close()
    return [] if found == ["ok"] else [f"{path.name}: {each}" for each in found[:3]]
