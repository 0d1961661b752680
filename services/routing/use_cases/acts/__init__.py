"""The acts of casework. Importing it registers them all; see `frame.py`."""

from services.routing.use_cases.acts import (
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
from services.routing.use_cases.acts.frame import ACTS

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
