"""Named places where a test may end the process at once, as a cut of power would.

Inert unless a test-mode process was started with a crash point set: then reaching it the n-th time
is SIGKILL, so nothing after it runs, no cleanup and no answer (docs/decisions, reliability).
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum


class CrashPoint(StrEnum):
    """The places; the words before the dot say in which part of the machinery."""

    REQUEST_BEFORE_COMMIT = "request.before_commit"
    REQUEST_AFTER_COMMIT = "request.after_commit"  # before the answer
    UNIT_FLUSHED = "unit.flushed"  # any transaction: everything written, nothing committed
    RELAY_PUBLISHED = "relay.published"  # confirmed by the bus, not yet marked
    INBOX_STORED = "inbox.stored"  # before the acknowledgement
    INBOX_APPLIED = "inbox.applied"  # handlers have run, nothing committed
    INBOX_COMMITTED = "inbox.committed"
    WATCHER_UPDATED = "watcher.updated"  # duties made overdue, their events not yet written


_left: dict[CrashPoint, int] = {}


def arm(spec: str) -> None:
    """Arm the point of `name` or `name:n` (the n-th pass). Raises ValueError for no such point."""
    name, _, passes = spec.partition(":")
    _left[CrashPoint(name)] = max(1, int(passes or 1))


def reach(point: CrashPoint) -> None:
    """Pass a place; the end of the process when it is armed and this is the pass."""
    if not _left or point not in _left:
        return
    _left[point] -= 1
    if _left[point] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
