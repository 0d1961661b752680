"""Which offices a sealed text accuses that would otherwise open it (条例 Art. 30(3), 46(5)).

An item lies before the petition office of the deployment's root. Only names of that office, of the
government it belongs to and of those above them are looked for: an office that a passing word makes
look accused costs another reader, one that opens its own accusation cannot be mended. So a name
counts unless its place is another one or the writer only went or wrote to it; a government, which
everybody writes to, counts where the form names it, in the subject, or right behind "I accuse".

The words are data (`shared/reference/data/offices.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from shared.kernel.plain_text import squeeze
from shared.reference.divisions import Division, Divisions
from shared.reference.organs import Organs
from shared.vocabulary.places import Level

_LEVEL_WORDS = {
    Level.PROVINCE: "省",
    Level.PREFECTURE: "市州盟",
    Level.COUNTY: "区县旗",
    Level.TOWNSHIP: "镇乡",
}
_SALUTATION = re.compile("[一-龥]{0,6}[:：]")
LONGEST_NAME = 15
"""Characters of the longest name of a county."""
REACH = 12
"""Characters around a name that say whether it is only spoken to."""
GOVERNMENT = "GOVERNMENT"


class OfficeNames:
    """The words of one edition, ready to read texts with."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Raises KeyError for a missing list, re.error for a word that is no expression."""
        names, address = data["names"], data["address"]
        self._petition = re.compile("|".join(names["petition"]))
        self._government = re.compile("|".join(names["government"]))
        self._between = re.compile(names["between"])
        self._elsewhere = tuple(names["elsewhere"])
        self._before = re.compile(address["before"])
        self._after = re.compile(address["after"])
        self._accuse = re.compile(address["accuse"])

    def accused(
        self, organs: Organs, root: str, *, subject: str, text: str, complained: str
    ) -> frozenset[str]:
        """Codes of the root's petition office and government, or of those above them, that the
        words accuse. `complained` is what the form says of whom the petition is about."""
        found: set[str] = set()
        for words, is_form in ((complained, True), (subject, False), (text, False)):
            plain = squeeze(words)
            for place, start, end in self._named(self._petition, plain, organs, root):
                office = organs.petition_office(place.code) if place else None
                if office and (is_form or not self._is_spoken_to(plain, start, end)):
                    found.add(office.code)
            for place, start, end in self._named(self._government, plain, organs, root):
                office = organs.organ(place.code, GOVERNMENT) if place else None
                if office is None or not (is_form or self._is_object(plain, start, end, subject)):
                    continue
                found.add(office.code)
        return frozenset(found)

    def _named(
        self, names: re.Pattern[str], text: str, organs: Organs, root: str
    ) -> Iterator[tuple[Division | None, int, int]]:
        """Each name with the division it is of, if that is the root or above it."""
        for match in names.finditer(text):
            before = text[max(0, match.start() - LONGEST_NAME) : match.start()]
            before = self._between.sub("", before)
            if before.endswith(self._elsewhere):
                continue
            place, length = _place_of(organs.divisions, root, before)
            bare = place is None and length == 0 and names is self._petition
            if bare:
                place = organs.divisions.get(root)
            yield place, match.start() - length, match.end()

    def _is_spoken_to(self, text: str, start: int, end: int) -> bool:
        before, after = text[max(0, start - REACH) : start], text[end : end + REACH]
        if not before.strip() and _SALUTATION.match(after):
            return True
        return bool(self._before.search(before)) and bool(self._after.search(after))

    def _is_object(self, text: str, start: int, end: int, subject: str) -> bool:
        if self._accuse.search(text[max(0, start - REACH) : start]):
            return True
        return text == squeeze(subject) and not self._is_spoken_to(text, start, end)


def _place_of(divisions: Divisions, root: str, before: str) -> tuple[Division | None, int]:
    """The division a name right before an office means: the root or one above it, None for any
    other; and how long the name is, 0 where none stands there."""
    ours = [found for found in (divisions.get(root), *divisions.ancestors(root)) if found]
    by_name = {each.name: each for each in reversed(ours)}
    by_name |= {_short(each.name): each for each in reversed(ours)}
    names = _names(divisions)
    for length in range(min(LONGEST_NAME, len(before)), 1, -1):
        word = before[-length:]
        if word in by_name:
            return by_name[word], length
        if word in names:
            return None, length
    last = before[-1:]
    for each in ours:
        if last and last in _LEVEL_WORDS.get(each.level, "") + each.name[-1]:
            return each, 1
    return None, int(any(last and last in words for words in _LEVEL_WORDS.values()))


@lru_cache(maxsize=2)
def _names(divisions: Divisions) -> frozenset[str]:
    """Names of all provinces, cities and counties, whole and without their last word."""
    wide = [each.name for each in divisions if each.level <= Level.COUNTY]
    return frozenset(wide) | {_short(name) for name in wide}


def _short(name: str) -> str:
    return name[:-1] if len(name) > 2 and name[-1] in "省市州盟区县旗" else name  # noqa: PLR2004
