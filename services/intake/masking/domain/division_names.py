"""Names of divisions at the beginning of an address."""

from __future__ import annotations

import re
from functools import lru_cache

from shared.reference.divisions import Divisions, Kind
from shared.reference.place_words import packaged
from shared.vocabulary.places import Level


class DivisionNames:
    """Full and short names of one edition of the tree."""

    def __init__(self, divisions: Divisions) -> None:
        words = packaged()
        shown = [each for each in divisions if each.kind is not Kind.PLACEHOLDER]
        self._full = frozenset(each.name for each in shown if len(each.name) > 1)
        self._short = frozenset(
            words.short_name(each.name) for each in shown if each.level <= Level.COUNTY
        ) | frozenset(words.aliases)
        self._longest = max(map(len, self._full), default=0)
        self._other = re.compile(words.part_of_another_name)

    def leading(self, address: str) -> tuple[int, int]:
        """Where the last division named at the beginning starts and ends: (5, 9) of
        湖南荷塘区月塘街道红星路 is (5, 9), (0, 0) where none is.

        A short name counts before a full one or as all there is: 长沙路 is a street."""
        at, last, end = 0, 0, 0
        while at < len(address):
            name = self._name_at(address, at)
            if not name:
                break
            if name in self._full or at + len(name) == len(address):
                last, end = at, at + len(name)
            at += len(name)
        return last, end

    def _name_at(self, address: str, at: int) -> str:
        for length in range(min(self._longest, len(address) - at), 1, -1):
            name = address[at : at + length]
            if (name in self._full or name in self._short) and not (
                self._other.match(address, at + length)
            ):
                return name
        return ""


@lru_cache(maxsize=4)
def division_names(divisions: Divisions) -> DivisionNames:
    """The names of a tree, read once (some 50 ms for the whole country)."""
    return DivisionNames(divisions)
