"""Processor time by group of processes (Linux), so that a figure says who used the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

_TICK = os.sysconf("SC_CLK_TCK")
_STAT = Path("/proc/stat")
_SERVERS = {"postgres": "postgres", "beam.smp": "rabbitmq"}


def cpu_seconds(root: int) -> dict[str, float]:
    """User and system seconds so far: `python` (the tree under process `root`), `postgres`,
    `rabbitmq` (all on this machine), `client` (this process), and what is left of the machine's
    time: `others` who worked, and `idle`."""
    table = dict(filter(None, map(_read, Path("/proc").glob("[0-9]*"))))
    used = dict.fromkeys(("python", "postgres", "rabbitmq", "client"), 0.0)
    ticks = [int(field) for field in _STAT.read_text().split(maxsplit=9)[1:9]]
    idle = (ticks[3] + ticks[4]) / _TICK  # with waiting for the disk
    for pid, (name, parent, seconds) in table.items():
        if pid == os.getpid():
            used["client"] += seconds
        elif name in _SERVERS:
            used[_SERVERS[name]] += seconds
        elif root in (pid, parent):
            used["python"] += seconds
    others = sum(ticks) / _TICK - idle - sum(used.values())
    return used | {"others": others, "idle": idle}


def microseconds_each(
    before: Mapping[str, float], after: Mapping[str, float], count: int
) -> dict[str, int]:
    """Microseconds of processor time per request, by group."""
    return {name: round(1e6 * (after[name] - before[name]) / max(1, count)) for name in after}


def cpu_medians(costs: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """The median of several rounds, group by group."""
    return {name: round(median(cost[name] for cost in costs)) for name in costs[0]}


def _read(folder: Path) -> tuple[int, tuple[str, int, float]] | None:
    try:
        text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None  # it has ended
    head, _, tail = text.rpartition(")")
    pid, _, name = head.partition(" (")
    fields = tail.split()
    # Own time and that of ended children: connections that were closed meanwhile.
    ticks = sum(int(field) for field in fields[11:15])
    return int(pid), (name, int(fields[1]), ticks / _TICK)
