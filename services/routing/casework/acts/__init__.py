"""The acts of casework. Importing it registers them all; see `frame.py`."""

from services.routing.casework.acts import (
    ending,
    handing,
    handling,
    meeting,
    promising,
    refusing,
    reviewing,
    sharing,
    starting,
    suspending,
    withdrawing,
)
from services.routing.casework.acts.frame import ACTS

__all__ = [
    "ACTS",
    "ending",
    "handing",
    "handling",
    "meeting",
    "promising",
    "refusing",
    "reviewing",
    "sharing",
    "starting",
    "suspending",
    "withdrawing",
]
