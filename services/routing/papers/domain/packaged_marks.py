"""Words of organ kinds in the numbers of their papers (data/paper_marks.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PATH = Path(__file__).resolve().parent / "data" / "paper_marks.toml"


@cache
def packaged_kind_marks() -> Mapping[str, str]:
    """Kind of organ -> its word."""
    marks: dict[str, str] = tomllib.loads(PATH.read_text(encoding="utf-8"))["kinds"]
    return marks
