"""Programs of the machine that faults need, and what is said where they are missing."""

from __future__ import annotations

import shutil
from pathlib import Path


class ToolMissing(RuntimeError):
    """A program or a right is not to be had here, so its faults can't be tried."""


def program(name: str, *places: str) -> str:
    """Path of a program. Raises ToolMissing."""
    for place in (shutil.which(name), *places):
        if place and Path(place).exists():
            return place
    raise ToolMissing(name)
