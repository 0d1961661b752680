"""The one port through which the program learns the time. Nothing else reads a clock."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from shared.kernel.workdays import local_date

DEFAULT_ZONE = "Asia/Shanghai"
"""Zone of legal days where the deployment sets none."""


class Clock(Protocol):
    """Wall time for rules, monotonic time for comparing, and the way to put an instant read
    elsewhere (a database) on the same scale. `zone` is the deployment's: its legal days end there.
    """

    @property
    def zone(self) -> str:
        """IANA name of the zone of legal days."""
        ...

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    def today(self) -> date:
        """The local date in the deployment's zone."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step back, from an arbitrary zero."""
        ...

    def align(self, instant: datetime) -> datetime:
        """An instant of an unshifted clock (a database's) on this clock's scale."""
        ...


class SystemClock:
    """The machine's clock."""

    def __init__(self, zone: str = DEFAULT_ZONE) -> None:
        self.zone = zone

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC) + self.offset()

    def today(self) -> date:
        """The local date in the deployment's zone."""
        return local_date(self.now(), self.zone)

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock, shifted as `now` is."""
        return time.monotonic() + self.offset().total_seconds()

    def align(self, instant: datetime) -> datetime:
        """The instant shifted as this clock is shifted."""
        return instant + self.offset()

    def offset(self) -> timedelta:
        """How far this clock is ahead of the machine's."""
        return timedelta(0)


class OffsetClock(SystemClock):
    """The machine's clock plus a number of seconds in a small file, read anew when it changes.

    Only for test mode: settings decide, and every process of a deployment reads the same file.
    A missing file means no offset; a file that holds no number raises ValueError.
    """

    def __init__(self, path: Path, zone: str = DEFAULT_ZONE) -> None:
        super().__init__(zone)
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta(0)

    def offset(self) -> timedelta:
        """The offset in the file now."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return timedelta(0)
        seen = (stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            self._offset = timedelta(seconds=float(self._path.read_text(encoding="ascii")))
            self._seen = seen
        return self._offset


class FixedClock:
    """A clock that stands still until told otherwise, for tests and judged histories."""

    def __init__(self, instant: datetime, zone: str = DEFAULT_ZONE) -> None:
        self.zone = zone
        self._now = _aware(instant)
        self._start = self._now

    def now(self) -> datetime:
        """The instant it stands at."""
        return self._now

    def today(self) -> date:
        """The local date in the deployment's zone."""
        return local_date(self._now, self.zone)

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return (self._now - self._start).total_seconds()

    def align(self, instant: datetime) -> datetime:  # noqa: ARG002
        """Its own instant: no other clock disagrees with a clock that stands still."""
        return self._now

    def advance(self, delta: timedelta) -> None:
        """Move on by `delta`."""
        self._now += delta

    def set(self, instant: datetime) -> None:
        """Stand at `instant`, which may be earlier."""
        self._now = _aware(instant)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        message = "a clock needs an aware instant"
        raise ValueError(message)
    return instant.astimezone(UTC)


def machine_milliseconds() -> int:
    """Milliseconds since 1970 of the machine's own clock: for making identifiers, no time."""
    return time.time_ns() // 1_000_000
