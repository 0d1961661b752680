"""Counting rules that are data (data/counting.toml): from how many people a visit is collective,
and which duties decide whether an answer came in time."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache

from shared.reference.calendar import packaged_text


@dataclass(frozen=True, slots=True)
class CountingRules:
    """One edition of the rules."""

    edition: str
    collective_from: int
    answer_duties: frozenset[str]
    legal_nature: str


def read_counting_rules(text: str) -> CountingRules:
    """Rules from the text of their file. Raises KeyError or tomllib.TOMLDecodeError."""
    data = tomllib.loads(text)
    return CountingRules(
        edition=data["id"],
        collective_from=data["collective"]["from_people"],
        answer_duties=frozenset(data["answer"]["duties"]),
        legal_nature=data["answer"]["legal_nature"],
    )


@lru_cache(maxsize=1)
def packaged_counting_rules() -> CountingRules:
    """The rules that come with the program."""
    return read_counting_rules(packaged_text("counting.toml"))
