"""Slowing down guesses at a query code (security table S6)."""

from __future__ import annotations

from datetime import datetime, timedelta

FREE_TRIES = 5
"""Wrong codes without a wait: people mistype."""
LONGEST_WAIT = timedelta(seconds=60)
"""The code has 100 random bits; a longer wait would only lock its holder out."""
FORGOTTEN_AFTER = timedelta(days=1)


def waits_until(tries: int, last_at: datetime) -> datetime:
    """The instant from which the next try is looked at: 1, 2, 4 … seconds after the last one."""
    over = tries - FREE_TRIES
    if over < 0:
        return last_at
    return last_at + min(timedelta(seconds=2 ** min(over, 10)), LONGEST_WAIT)
