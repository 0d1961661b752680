"""What settings alone make: small enough for a command that starts no service."""

from __future__ import annotations

from shared.kernel.clock import Clock, OffsetClock, SystemClock
from shared.runtime.settings import Settings
from shared.web.tokens import Issuer


def make_clock(settings: Settings) -> Clock:
    """The system clock, or in test mode the one shifted by a file."""
    if settings.clock_file:
        return OffsetClock(settings.clock_file, settings.zone)
    return SystemClock(settings.zone)


def make_issuer(settings: Settings) -> Issuer:
    """The built-in issuer of the data folder."""
    return Issuer(settings.data_dir / "keys" / "issuer.json", audience=settings.token_audience)
