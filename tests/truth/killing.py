"""Kill a real `xinfang import` in the middle, again and again, then see what is there."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.truth.comparing import MAPPING, Material, Verdict, counts_in, write_rows
from tests.truth.counter import Counts, count

STEPS = {
    "intake": "petition",
    "routing": "case_file",
    "supervision": "duty",
    "analytics": "petition_fact",
}
"""Service -> the table that gets one row per imported petition: how far an import is."""
SECONDS = 120
POLL_SECONDS = 0.003


def import_with_kills(
    whole: Material, folder: Path, *, kills: int, rows: int = 0, seed: int, wait: bool = True
) -> Verdict:
    """Kill an import `kills` times, each time a good deal further on, finish it and compare.

    The moment is random: the k-th kill comes when a random point of the k-th part of the work
    (rows in each of the four services) has been passed. Without `wait` the leases of the dead
    process are ended by hand; the next one would wait for their ten seconds each time."""
    chance = random.Random(seed)
    chosen = _enough(whole.rows, rows)
    file, data = write_rows(folder / "rows.csv", chosen), folder / "data"
    command = ("import", str(file), "--map", MAPPING, "--json")
    environment = _environment(whole, data)
    verdict, killed = Verdict(), []
    work = len(STEPS) * len(chosen)
    for number in range(kills):
        goal = int(work * (number + chance.random()) / (kills + 1))
        done = _killed_at(goal, command, environment, data)
        if done is not None:
            killed.append(done)
        if not wait:
            _end_leases(data)
    verdict.notes.append(
        f"N = {len(killed)} kills in the middle of {len(chosen)} rows, at "
        + ", ".join(f"{done / work:.0%}" for done in killed)
    )
    last = _run(command, environment)
    again = _run(command, environment)
    figures = (last["rows"], last["imported"] + last["duplicates"], last["rejected"])
    _must(figures == (len(chosen), len(chosen), 0), f"the last import said {last}")
    _must((again["imported"], again["duplicates"]) == (0, len(chosen)), f"one more said {again}")
    for name, rows_there in _progress(data).items():
        verdict.judge("service", name, Counts(len(chosen)), Counts(rows_there))
    period = ("--from", str(whole.period[0]), "--to", str(whole.period[1]))
    product = counts_in(_run(("summary", *period, "--json"), environment))
    verdict.judge("wholes", f"of {len(chosen)} rows", count(chosen), product)
    parked = sum(_progress(data, "inbox WHERE state = 'parked'").values())
    verdict.judge("parked", "events", Counts(), Counts(parked))
    return verdict


def _enough(rows: list[dict[str, str]], wanted: int) -> list[dict[str, str]]:
    """The first `wanted` rows (0: all); a small file is told again with other ids."""
    copies: list[dict[str, str]] = []
    number = 0
    while len(copies) < wanted:
        copies += [row | {"message_id": f"{row['message_id']}-{number}"} for row in rows]
        number += 1
    return copies[:wanted] if wanted else rows


def _killed_at(
    goal: int, command: tuple[str, ...], environment: dict[str, str], data: Path
) -> int | None:
    """SIGKILL the import once the work has passed `goal`, and where the last kill left it; how far
    it was, None if it was done."""
    goal = max(goal, sum(_progress(data).values()))
    process = subprocess.Popen(
        [sys.executable, "-m", "services", *command],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if sum(_progress(data).values()) > goal:
                process.kill()
                break
            time.sleep(POLL_SECONDS)
    finally:
        process.kill()
        code = process.wait()
    return sum(_progress(data).values()) if code < 0 else None


def _progress(data: Path, what: str = "") -> dict[str, int]:
    """Rows per service (or of `what`), as far as its database is there."""
    counted = {}
    for service, step in STEPS.items():
        table = what or step
        counted[service] = 0
        path = data / f"{service}.db"
        if path.is_file():
            base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            with suppress(sqlite3.OperationalError):  # not migrated yet, or in recovery
                counted[service] = base.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            base.close()
    return counted


def _end_leases(data: Path) -> None:
    for service in STEPS:
        path = data / f"{service}.db"
        if path.is_file():
            base = sqlite3.connect(path)
            with suppress(sqlite3.OperationalError), base:  # not migrated yet
                base.execute("UPDATE lease SET until = '2000-01-01 00:00:00.000000'")
            base.close()


def _run(command: tuple[str, ...], environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "services", *command],
        env=environment, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    _must(done.returncode == 0, done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _environment(whole: Material, data: Path) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("XINFANG_")}
    settings = {f"XINFANG_{key.upper()}": str(value) for key, value in whole.settings.items()}
    return plain | settings | {"XINFANG_DATA_DIR": str(data)}


def _must(condition: bool, words: str) -> None:
    if not condition:
        raise AssertionError(words)
