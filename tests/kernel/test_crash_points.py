"""Crash points are inert unless armed, and then final."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from shared.kernel.crash_points import CrashPoint, arm, reach

PROGRAM = """
from shared.kernel.crash_points import CrashPoint, arm, reach
arm({spec!r})
for number in range(1, 4):
    reach(CrashPoint.UNIT_FLUSHED)
    reach(CrashPoint.INBOX_STORED)
    print(number, flush=True)
"""


def test_a_point_that_nobody_armed_is_passed() -> None:
    for point in CrashPoint:
        reach(point)


def test_an_unknown_point_is_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        arm("nowhere:2")


@pytest.mark.parametrize(
    ("spec", "seen"), [("unit.flushed", ""), ("inbox.stored:3", "1\n2\n"), ("inbox.stored:4", None)]
)
def test_an_armed_point_ends_the_process_at_its_pass(spec: str, seen: str | None) -> None:
    run = subprocess.run(  # noqa: PLW1510  its end is looked at below
        [sys.executable, "-c", PROGRAM.format(spec=spec)], capture_output=True, text=True
    )
    if seen is None:
        assert (run.returncode, run.stdout) == (0, "1\n2\n3\n")
    else:
        assert (run.returncode, run.stdout) == (-signal.SIGKILL, seen)
