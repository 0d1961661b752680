"""A few of the seeds of `make sim`, and proof that the simulation sees each kind of breach."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.supervision.duties.domain.clock_trust import ClockTrust, Reading, Trust
from tests.sim import __main__ as command
from tests.sim import machinery, stores
from tests.sim.machinery import Node, Sent
from tests.sim.runner import Outcome, simulate

SEEDS = 150
SABOTAGED = 60
"""Seeds among which one at least must show a piece that was broken on purpose."""


@pytest.mark.parametrize("start", range(0, SEEDS, 25))
def test_no_seed_breaks_a_promise(start: int) -> None:
    for seed in range(start, start + 25):
        outcome = simulate(seed)
        assert outcome.breaches == (), f"python -m tests.sim --seeds 1 --start {seed}"


def test_the_same_seed_gives_the_same_trace_whatever_the_order_of_hashes() -> None:
    here = [simulate(seed).trace for seed in range(3)]
    assert here == [simulate(seed).trace for seed in range(3)]
    assert len(set(here)) == 3
    program = (
        "from tests.sim.runner import simulate; print(*map(lambda s: simulate(s).trace, [0,1,2]))"
    )
    for hash_seed in ("1", "2"):
        elsewhere = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        )  # fmt: skip
        assert elsewhere.stdout.split() == here


def everything_counts_as_sent(node: Node, rows: list[Sent], _: set[Any], *, retry_at: int) -> None:
    outbox = {row.event.envelope.id: replace(row, published=True) for row in rows}
    node.tables["outbox"] = node.tables["outbox"] | outbox


def fired_without_another_look(table: Any, now: Any, only: Any) -> list[Any]:
    """A watcher that trusts what it saw before it froze."""
    due = {key for key, duty in table.items() if (at := stores.next_look(duty)) and at <= now}
    return [(key, table[key]) for key in table if (key == only if only else key in due)]


def any_clock_is_believed(_: ClockTrust, reading: Reading) -> Trust:
    return Trust(now=reading.wall, disagree=False)


async def nothing_is_known(*_: Any) -> dict[Any, Any]:
    return {}


SABOTAGE: list[tuple[str, Any, str, Any]] = [
    ("lost", Node, "mark", everything_counts_as_sent),
    ("order", machinery, "in_stream_order", lambda events, _: list(events)),
    ("doubled", stores, "_due", fired_without_another_look),
    ("early", ClockTrust, "judge", any_clock_is_believed),
    ("counts", stores.MemoryParts, "known", nothing_is_known),
]


@pytest.mark.parametrize(
    ("kind", "owner", "name", "broken"), SABOTAGE, ids=[each[0] for each in SABOTAGE]
)
def test_a_broken_piece_is_seen(
    monkeypatch: pytest.MonkeyPatch, kind: str, owner: Any, name: str, broken: Callable[..., Any]
) -> None:
    monkeypatch.setattr(owner, name, broken)
    found = (each for seed in range(SABOTAGED) for each in simulate(seed).breaches)
    assert any(kind in each for each in found)


def test_a_failing_seed_says_how_to_replay_it(capsys: pytest.CaptureFixture[str]) -> None:
    bad = Outcome(seed=7, trace="t", petitions=1, events=1, fired=0, breaches=("lost: one",))
    assert command.report([bad]) == 1
    printed = capsys.readouterr().out
    assert "lost: one" in printed
    assert "python -m tests.sim --seeds 1 --start 7" in printed
