"""The reference data that comes with the program, as a deployment of one province holds it."""

from __future__ import annotations

from datetime import date
from functools import cache

from shared.reference.editions import Reference, in_force, packaged_editions

ROOT = "430000000000"


@cache
def packaged_reference() -> Reference:
    """Built once; nothing changes it."""
    return Reference(in_force(packaged_editions(), date(2026, 3, 1)), root_division=ROOT)
