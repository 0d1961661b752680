"""`POST /intake/v1/petitions` on the embedded way to run: one process, SQLite files, against bare
sqlite3 writing the same rows with `synchronous=FULL`, in interleaved rounds.

The process is the whole platform: what is registered is also routed, given its duties and counted
meanwhile, and `backlog` says how much of that was left when the registering stopped.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.cpu import cpu_medians, cpu_seconds, microseconds_each
from bench.http import SERVER, Measured, all_statuses, load
from bench.register import TABLES, filing, ready
from shared.kernel.ids import new_id
from shared.runtime.service import make_issuer
from shared.runtime.settings import Mode, Settings
from shared.vocabulary.posts import Role
from shared.web.tokens import OPERATOR_PERSON

PORT = 18432
PERSON = "bench-registrar"
SETTLE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform, and somebody who may register there."""

    folder: Path
    headers: dict[str, str]
    pid: int

    def backlog(self) -> int:
        """Events unsent or not yet handled, of all services."""
        total = 0
        for file in self.folder.glob("*.db"):
            with closing(sqlite3.connect(file)) as connection:
                for query in (
                    "SELECT count(*) FROM outbox WHERE published_at IS NULL",
                    "SELECT count(*) FROM inbox WHERE state = 'new'",
                ):
                    total += connection.execute(query).fetchone()[0]
        return total


@asynccontextmanager
async def running_platform() -> AsyncIterator[Platform]:
    """Start everything in one process on a data folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {
            "XINFANG_MODE": "test", "XINFANG_DATA_DIR": name, "XINFANG_ROOT_DIVISION": "43",
        }  # fmt: skip
        with (folder / "platform.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "services.standalone:app", "--factory",
                 "--port", str(PORT), *SERVER, "--no-access-log"],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            await ready(PORT)
            settings = Settings(mode=Mode.TEST, data_dir=folder, root_division="43")
            token = make_issuer(settings).token(PERSON, seconds=3600)
            _give_post(folder / "intake.db")
            yield Platform(folder, {"Authorization": f"Bearer {token}"}, process.pid)
        finally:
            process.terminate()
            process.wait(30)


async def bench_embedded(*, rounds: int, seconds: float) -> dict[str, Any]:
    """Interleave bare sqlite3 and register; the medians and their ratio."""
    async with running_platform() as platform:

        def request(number: int) -> bytes:
            return filing(number, platform.headers)

        await load("127.0.0.1", PORT, request, connections=16, seconds=2)
        bare, measured, costs, backlogs = [], list[Measured](), [], []
        for _ in range(rounds):
            await _settled(platform)
            bare.append(await asyncio.to_thread(_bare, platform.folder, seconds))
            before = cpu_seconds(platform.pid)
            measured.append(await load("127.0.0.1", PORT, request, connections=16, seconds=seconds))
            after = cpu_seconds(platform.pid)
            costs.append(microseconds_each(before, after, len(measured[-1].seconds)))
            backlogs.append(platform.backlog())
    rate = median(each.per_second for each in measured)
    return {
        "sqlite3_per_second": round(median(bare), 1),
        "register_per_second": round(rate, 1),
        "register_over_sqlite3": round(rate / median(bare), 3),
        "p50_ms": round(median(each.percentile(0.5) for each in measured), 1),
        "p99_ms": round(median(each.percentile(0.99) for each in measured), 1),
        "backlog_at_the_end": max(backlogs),
        "cpu_us_each": cpu_medians(costs),
        "statuses": all_statuses(measured),
    }


def _bare(folder: Path, seconds: float) -> float:
    """Transactions per second of one connection that inserts a row into each table."""
    with closing(sqlite3.connect(folder / "intake.db")) as source:
        shapes = [_shape(source, table) for table in TABLES]
        schema = [
            sql
            for (sql,) in source.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN"
                f" ({', '.join('?' * len(TABLES))}) ORDER BY type DESC",
                TABLES,
            )
        ]
    file = folder / f"bare-{new_id().hex}.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as target:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *schema):
            target.execute(statement)
        done, began = 0, time.perf_counter()
        while time.perf_counter() < began + seconds:
            target.execute("BEGIN IMMEDIATE")
            for insert, example, fresh in shapes:
                target.execute(insert, [_fresh(v) if n in fresh else v for n, v in example])
            target.execute("COMMIT")
            done += 1
        return done / (time.perf_counter() - began)


def _shape(
    source: sqlite3.Connection, table: str
) -> tuple[str, list[tuple[str, Any]], frozenset[str]]:
    """(statement, an example row, columns that must be fresh) of a table."""
    found = source.execute(f"SELECT * FROM {table} LIMIT 1")
    names = [each[0] for each in found.description]
    row = dict(zip(names, found.fetchone(), strict=True))
    row.pop("position", None)  # given by the engine
    if "published_at" in row:
        row["published_at"] = None
    unique: set[str] = set()
    for index in source.execute(f"PRAGMA index_list({table})").fetchall():
        if index[2]:
            unique |= {each[2] for each in source.execute(f"PRAGMA index_info({index[1]})")}
    marks = ", ".join("?" * len(row))
    insert = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
    return insert, list(row.items()), frozenset(unique)


def _fresh(value: Any) -> Any:
    return new_id().hex[: max(8, len(value))] if isinstance(value, str) else value


def _give_post(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO post SELECT ?, ?, organ_code, division_code, ?, valid_from, valid_to, 1"
            " FROM post WHERE person = ?",
            (new_id().hex, PERSON, str(Role.REGISTRAR), OPERATOR_PERSON),
        )


async def _settled(platform: Platform) -> None:
    """What the services still have to do must not be taken from the next measurement."""
    async with asyncio.timeout(SETTLE_SECONDS):
        while platform.backlog():  # noqa: ASYNC110  another process works
            await asyncio.sleep(0.2)
