"""Identifiers made by us, so that an insert needs no answer from the database."""

from __future__ import annotations

import os
import uuid

from shared.kernel.clock import machine_milliseconds

_VERSION_AND_VARIANT = (0x7 << 76) | (0x2 << 62)


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits.

    The milliseconds only keep inserts near each other in an index: nothing may read a time from
    them, so they are the machine's own and not the clock port's. The random bits come from the
    operating system at each call, so a forked process never repeats its parent's. Ids of one
    millisecond have no order among themselves.
    """
    milliseconds = machine_milliseconds() & 0xFFFF_FFFF_FFFF
    random_bits = int.from_bytes(os.urandom(10))
    high = milliseconds << 80 | (random_bits >> 62 & 0xFFF) << 64
    return uuid.UUID(int=high | random_bits & 0x3FFF_FFFF_FFFF_FFFF | _VERSION_AND_VARIANT)
