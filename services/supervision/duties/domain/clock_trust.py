"""May the watcher believe the time? Three clocks are compared before anything is fired.

The process's wall clock against the database's, and both rounds' wall time against monotonic
time. While they disagree nothing fires; after a bounded hold the database's clock decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(seconds=2)
HOLD = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the three clocks; `database` is on the wall clock's scale."""

    wall: datetime
    database: datetime
    monotonic: float


@dataclass(frozen=True, slots=True)
class Trust:
    """`now`: the instant to act on, None while firing is held. `disagree`: an alarm is due."""

    now: datetime | None
    disagree: bool


class ClockTrust:
    """What one watcher remembers of its clocks between rounds."""

    def __init__(self) -> None:
        self._last: Reading | None = None
        self._held_since: float | None = None

    def judge(self, reading: Reading) -> Trust:
        """What to do in this round."""
        if self._agrees(reading):
            self._last, self._held_since = reading, None
            return Trust(now=reading.wall, disagree=False)
        if self._held_since is None:
            self._held_since = reading.monotonic
        held = timedelta(seconds=reading.monotonic - self._held_since)
        if timedelta(0) <= held < HOLD:
            return Trust(now=None, disagree=True)
        return Trust(now=reading.database, disagree=True)

    def _agrees(self, reading: Reading) -> bool:
        if abs(reading.wall - reading.database) > TOLERANCE:
            return False
        if self._last is None:
            return True
        passed = timedelta(seconds=reading.monotonic - self._last.monotonic)
        stepped = abs((reading.wall - self._last.wall) - passed) > TOLERANCE
        # A step both clocks made together is believed once the hold is over.
        over = self._held_since is not None and passed >= HOLD
        return not stepped or over
