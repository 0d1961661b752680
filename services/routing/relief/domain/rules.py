"""Sources of relief, ways of giving it, and words no text about it may have (data/relief.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from shared.reference.calendar import packaged_text


@dataclass(frozen=True, slots=True)
class ReliefWords:
    """One edition. `sources` and `ways` are code -> Chinese name."""

    edition: str
    sources: Mapping[str, str]
    ways: Mapping[str, str]
    conditions: tuple[str, ...]

    def condition_in(self, *texts: str | None) -> str | None:
        """The first word by which help would depend on giving up a right, None when clean."""
        said = "\n".join(text for text in texts if text)
        return next((word for word in self.conditions if word in said), None)


def read_relief_words(text: str) -> ReliefWords:
    """Words from the text of their file. Raises KeyError or tomllib.TOMLDecodeError."""
    data = tomllib.loads(text)
    return ReliefWords(
        edition=data["id"],
        sources=data["sources"],
        ways=data["ways"],
        conditions=tuple(data["conditions"]["words"]),
    )


@lru_cache(maxsize=1)
def packaged_relief_words() -> ReliefWords:
    """The words that come with the program."""
    return read_relief_words(packaged_text("relief.toml"))
