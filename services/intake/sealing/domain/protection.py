"""How who a petitioner is is guarded (data/protection.toml): step-up and number of reveals."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from shared.reference.calendar import packaged_text


@dataclass(frozen=True, slots=True)
class ProtectionRules:
    """One edition of the rules."""

    edition: str
    step_up_max_age: timedelta
    second_factors: frozenset[str]
    reveals_per_hour: int


def read_protection_rules(text: str) -> ProtectionRules:
    """Rules from the text of their file. Raises KeyError or tomllib.TOMLDecodeError."""
    data = tomllib.loads(text)
    return ProtectionRules(
        edition=data["id"],
        step_up_max_age=timedelta(seconds=data["step_up"]["max_age_seconds"]),
        second_factors=frozenset(data["step_up"]["second_factors"]),
        reveals_per_hour=data["reveal"]["per_hour"],
    )


@lru_cache(maxsize=1)
def packaged_protection_rules() -> ProtectionRules:
    """The rules that come with the program."""
    return read_protection_rules(packaged_text("protection.toml"))
