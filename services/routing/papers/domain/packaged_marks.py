"""Words of organ kinds in the numbers of their papers (paper_marks.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from shared.reference.calendar import packaged_text


@cache
def packaged_kind_marks() -> Mapping[str, str]:
    """Kind of organ -> its word."""
    marks: dict[str, str] = tomllib.loads(packaged_text("paper_marks.toml"))["kinds"]
    return marks
