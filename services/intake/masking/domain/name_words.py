"""Words about names (data/names.toml): surnames, labels, titles, and what names nobody."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from shared.reference.calendar import packaged_text

IDEOGRAPH = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Inside of a character class: any ideograph, the rarest of names too."""
_COMMON = range(0x4E00, 0x9FA6)


@dataclass(frozen=True, slots=True)
class NameWords:
    """One edition of the words; the file says what each list is for."""

    surnames: frozenset[str]
    compound_surnames: frozenset[str]
    ambiguous: frozenset[str]
    beginnings: frozenset[str]
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    bare: tuple[str, ...]
    others: tuple[str, ...]
    titles: tuple[str, ...]
    forms: tuple[str, ...]
    roles_in_a_field: tuple[str, ...]
    nobody: frozenset[str]
    of_many: frozenset[str]
    bodies: tuple[str, ...]
    places: tuple[str, ...]
    ordinary: frozenset[str]

    def surname_of(self, name: str) -> str:
        """The surname a name begins with, "" where it begins with none."""
        if name[:2] in self.compound_surnames:
            return name[:2]
        first = name[:1]
        rare = bool(first) and ord(first) not in _COMMON and first.isalpha()
        return first if rare or first in self.surnames else ""

    def is_ordinary(self, text: str) -> bool:
        """Whether it begins with a word that begins no name."""
        beginnings = text[:2], text[:3]
        return (
            not self.ordinary.isdisjoint(beginnings)
            or not self.nobody.isdisjoint(beginnings)
            or self.is_nobody(text)
        )

    def is_nobody(self, text: str) -> bool:
        """Whether it is a word that names nobody, or one for many (小区业主)."""
        if text in self.nobody:
            return True
        if not text.endswith(self.roles_in_a_field):
            return False
        role = next(role for role in self.roles_in_a_field if text.endswith(role))
        return text == role or text.removesuffix(role) in self.of_many


@cache
def name_words() -> NameWords:
    """The words that come with the program."""
    table = tomllib.loads(packaged_text("names.toml"))
    surnames, labels, fields = table["surnames"], table["labels"], table["fields"]
    return NameWords(
        surnames=frozenset(surnames["single"]) - {"\n"},
        compound_surnames=frozenset(surnames["double"].split()),
        ambiguous=frozenset(surnames["ambiguous"].split()),
        beginnings=frozenset(surnames["beginnings"].split()),
        labels=_longest_first(labels["words"]),
        groups=_longest_first(labels["groups"]),
        roles=_longest_first(labels["roles"]),
        bare=_longest_first(labels["bare"]),
        others=_longest_first(labels["others"]),
        titles=_longest_first(fields["titles"]),
        forms=tuple(title for title in fields["titles"].split() if len(title) > 1),
        roles_in_a_field=_longest_first(fields["roles"]),
        nobody=frozenset(fields["nobody"].split()) | frozenset(fields["roles"].split()),
        of_many=frozenset(fields["of_many"].split()),
        bodies=_longest_first(fields["bodies"]),
        places=_longest_first(fields["places"]),
        ordinary=frozenset(table["ordinary"]["words"].split()),
    )


def _longest_first(words: str) -> tuple[str, ...]:
    return tuple(sorted(words.split(), key=lambda word: (-len(word), word)))
