"""Data folders of an embedded deployment that has worked, and ways to harm a copy of one."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from services.standalone import Standalone
from tests.support.backends import test_settings

SERVICES = ("intake", "routing", "supervision", "analytics")


def petition(number: int) -> dict[str, Any]:
    return {
        "purpose": "claim",
        "subject": f"长沙市岳麓区银盆岭街道小区路灯不亮（{number}）",
        "text": "我叫李小满，电话13807310001。小区门口的路灯坏了半个月。",
        "petitioners": [{"name": "李小满", "phone": "13807310001"}],
    }


async def work_in(folder: Path, *, filings: int = 3, snapshot: Path | None = None) -> list[str]:
    """Serve a folder, file petitions, wait until all is settled and sealed; their numbers. Where a
    snapshot is asked for, the files are copied as `kill -9` would leave them."""
    live = Standalone(test_settings(folder))
    transport = httpx.ASGITransport(app=live)
    numbers = []
    async with live.running(), httpx.AsyncClient(transport=transport, base_url="http://x") as api:
        for number in range(filings):
            answer = await api.post(
                "/intake/v1/petitions", json=petition(number),
                headers={"Idempotency-Key": f"{folder.name}-{number}-{filings}"},
            )  # fmt: skip
            assert answer.status_code == 201, answer.text
            numbers.append(answer.json()["number"])
        await settled(live)
        if snapshot:
            shutil.copytree(folder, snapshot)
    return numbers


async def settled(live: Standalone) -> None:
    quiet = 0
    async with asyncio.timeout(120):
        while quiet < 3:
            counts = [await each.unsettled() for each in live.services]
            age = sum([await each.audit_unsealed_seconds() for each in live.services])
            moving = age or any(each["unsent"] or each["new"] or each["held"] for each in counts)
            quiet = 0 if moving else quiet + 1
            await asyncio.sleep(0.05)


async def start(folder: Path) -> list[str]:
    """Start a folder and stop it again; the reasons /ready gives after its loops went round."""
    live = Standalone(test_settings(folder))
    try:
        async with live.running():
            await asyncio.sleep(0.2)
            return [reason for each in live.services for reason in await each.not_ready()]
    finally:
        for service in live.services:
            await service.database.close()


def listing(folder: Path) -> dict[str, bytes]:
    """Every file but those any opening of a database makes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


def root_page(file: Path, name: str) -> tuple[int, int]:
    """Offset and size of the root page of a table or index."""
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    return (page - 1) * size, size


def overwrite(file: Path, offset: int, count: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(offset)
        opened.write(b"\xa5" * count)


def meta(file: Path, statement: str, *values: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(statement, values).fetchall()
        connection.commit()
    return found


def as_before_this_release(folder: Path) -> None:
    """Take from a folder what older releases did not write."""
    shutil.rmtree(folder / "installed")
    for name in SERVICES:
        meta(
            folder / f"{name}.db",
            "DELETE FROM meta WHERE key IN ('service', 'deployment') OR key LIKE 'check:%'",
        )


def checks(folder: Path) -> dict[str, Any]:
    found = meta(folder / "intake.db", "SELECT key, value FROM meta WHERE key LIKE 'check:%'")
    return {key: json.loads(value) for key, value in found}


def deployments(folder: Path) -> set[str]:
    """Whose each database and each mark says it is."""
    asked = "SELECT value FROM meta WHERE key = 'deployment'"
    told = {meta(folder / f"{name}.db", asked)[0][0] for name in SERVICES}
    return told | {
        json.loads(path.read_text())["deployment"] for path in folder.glob("installed/*")
    }


def open_to_others(folder: Path) -> None:
    """As a folder of an older release under the usual umask."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def wrong_modes(folder: Path) -> set[str]:
    """What others may read; fails unless there is a log among the files."""
    modes = {path: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    assert any(path.name.endswith("-wal") for path in modes)
    return {p.name for p, mode in modes.items() if mode != (0o700 if p.is_dir() else 0o600)}


def set_aside(folder: Path, name: str) -> list[bytes]:
    """What was moved out of the way under this name."""
    return [path.read_bytes() for path in folder.glob(f"lost-*/{name}")]
