"""Lanes: what has the same partition key goes through the same lane, in order.

The number of lanes is the deployment's; with one, everything is in lane 0.
"""

from __future__ import annotations

import hashlib

MOST_LANES = 64


def lane_of(key: str, lanes: int) -> int:
    """The lane of a partition key: the same in every process, program version and language."""
    if lanes == 1:
        return 0
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % lanes


def in_lane(name: str, lane: int) -> str:
    """Name of a lane's lease, worker, queue or routing key; lane 0 has the plain name."""
    return f"{name}.{lane}" if lane else name
