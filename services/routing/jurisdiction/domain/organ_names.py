"""How people name an organ in a text, and how they only address it (data/organ_names.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.reference.calendar import packaged_text


@dataclass(frozen=True, slots=True)
class OrganNames:
    """One edition: regular expressions, the file says what each is for. `names` are by kind of
    organ; the others are single expressions."""

    edition: str
    names: Mapping[str, str]
    the_same: str
    title: str
    staff: str
    named: str
    between: str
    others: str
    asks: str
    goes: str
    places: str
    hears: str
    answers: str
    looked_at: str
    passing: str
    favour: str
    for_an_act: str


def read_organ_names(text: str) -> OrganNames:
    """Names from the text of their file. Raises KeyError, ValueError (also for what is no TOML)."""
    data = tomllib.loads(text)
    people, address = data["people"], data["address"]
    return OrganNames(
        edition=data["edition"],
        names={kind: _either(words) for kind, words in data["names"].items()},
        the_same=data["the_same"],
        **{name: _either(people[name]) for name in ("title", "staff", "named", "others")},
        **{name: _either(address[name]) for name in ("asks", "goes", "looked_at")},
        **{name: str(address[name]) for name in ("places", "hears", "answers")},
        between=people["between"],
        passing=_either(data["passing"]["after"]),
        favour=_either(data["favour"]["words"]),
        for_an_act=_either(data["favour"]["for_an_act"]),
    )


def _either(words: list[str]) -> str:
    if not words:
        raise ValueError("organ names: an empty list")
    return "(?:" + "|".join(words) + ")"


@cache
def packaged_organ_names() -> OrganNames:
    """The names that come with the program."""
    return read_organ_names(packaged_text("organ_names.toml"))
