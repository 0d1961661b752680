"""Words for finding divisions in text: endings, ordinary words, aliases (data/place_words.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).resolve().parent / "data" / "place_words.toml"


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """One edition of the word lists; the file says what each is for.

    `part_of_another_name` and `part_of_a_firm` are regular expressions matched right behind a
    name, `before_a_place` holds the characters behind which a place may begin; `aliases` maps a
    name to a division code of any width.
    """

    edition: str
    endings: tuple[str, ...]
    peoples: tuple[str, ...]
    ordinary: frozenset[str]
    ordinary_full: frozenset[str]
    known_full: frozenset[str]
    known_short: frozenset[str]
    part_of_another_name: str
    part_of_a_firm: str
    before_a_place: frozenset[str]
    aliases: Mapping[str, str]

    def short_name(self, name: str) -> str:
        """The name people use: without ending and peoples (恩施土家族苗族自治州 -> 恩施).

        Never shorter than two characters: then the name itself.
        """
        stem = next((name.removesuffix(e) for e in self.endings if name.endswith(e)), name)
        if "自治" in name:
            stem = self._without_peoples(stem)
        return stem if len(stem) > 1 else name

    def _without_peoples(self, stem: str) -> str:
        for people in self.peoples:
            if stem.endswith(people) and len(stem) > len(people) + 1:
                return self._without_peoples(stem.removesuffix(people))
        return stem


def parse(text: str) -> PlaceWords:
    """Word lists of a TOML document. Raises KeyError for a missing list."""
    table = tomllib.loads(text)
    return PlaceWords(
        edition=table["edition"],
        endings=tuple(sorted(table["endings"], key=len, reverse=True)),
        peoples=tuple(sorted(table["peoples"], key=len, reverse=True)),
        ordinary=frozenset(table["ordinary"]),
        ordinary_full=frozenset(table["ordinary_full"]),
        known_full=frozenset(table["known_full"]),
        known_short=frozenset(table["known_short"]),
        part_of_another_name=table["part_of_another_name"],
        part_of_a_firm=table["part_of_a_firm"],
        before_a_place=frozenset(table["before_a_place"]),
        aliases=dict(table["aliases"]),
    )


@cache
def packaged() -> PlaceWords:
    """The word lists that come with the package."""
    return parse(PATH.read_text(encoding="utf-8"))
