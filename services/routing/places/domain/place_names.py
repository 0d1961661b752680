"""Which divisions a text names: longest match over the division table, with what speaks against.

Names down to the county are found everywhere; townships and villages only when asked for inside
a division (decisions 6). A name without ending, or one that is also an ordinary word, counts only
right behind the name of what it lies in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import ahocorasick

from shared.reference.divisions import Division, Divisions, Kind
from shared.reference.place_words import PlaceWords
from shared.vocabulary.places import Level

_SEPARATORS = " \u3000,，、-—·/"
_MOST_SEPARATORS = 2
_SHORTEST_BELOW_COUNTY = 3
_MOST_FOUND, _MOST_TIMES, _MOST_KEPT = 50, 5, 10_000
MOST_NAMED = 60
"""So many different names of one text are read; who names more names no one place."""


class Form(StrEnum):
    """How a division was named."""

    FULL = "full"
    ALIAS = "alias"
    SHORT = "short"


class Standing(StrEnum):
    """What a mention is worth by itself.

    `weak`: it looks like part of a street's or firm's name. `dependent`: counts only right behind
    the name of a division it lies in.
    """

    STRONG = "strong"
    WEAK = "weak"
    DEPENDENT = "dependent"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found at [start, end). `codes` are the divisions it may mean, 12 digits, sorted;
    `addressed`: it stands right behind the name of what it lies in (A市A3区); `begins`: behind a
    mark or a word that leads to a place, so that it is no piece of a longer name."""

    start: int
    end: int
    surface: str
    codes: tuple[str, ...]
    form: Form
    standing: Standing
    addressed: bool = False
    begins: bool = False


_Meaning = tuple[Form, tuple[str, ...], bool]
"""Form and codes of a name, and whether it counts only right behind what it lies in."""


class Gazetteer:
    """Finds names of one edition of divisions; building takes some 50 ms for the national tree."""

    def __init__(self, divisions: Divisions, words: PlaceWords, *, on: date) -> None:
        self.divisions = divisions
        self._words = words
        self._on = on
        self._street = re.compile(words.part_of_another_name)
        self._firm = re.compile(words.part_of_a_firm)
        self._full: dict[str, set[str]] = {}
        self._short: dict[str, set[str]] = {}
        for division in divisions:
            if division.level <= Level.COUNTY and division.kind is not Kind.PLACEHOLDER:
                self._add(division)
        self._aliases = self._known_aliases()
        for name in self._aliases:
            self._full.pop(name, None)
            self._short.pop(name, None)
        self._automaton = ahocorasick.Automaton()
        for name in {*self._full, *self._short, *self._aliases}:
            self._automaton.add_word(name, name)
        self._automaton.make_automaton()
        self._meanings: dict[str, _Meaning] = {}
        self._below: dict[str, list[Division]] = {}
        self._inside: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[str, ...]] = {}

    def mentions(self, text: str) -> list[Mention]:
        """Names in `text`, left to right, without overlap, longest first and full before short."""
        found: list[Mention] = []
        times: Counter[str] = Counter()
        if len(self._automaton):
            for last, name in self._automaton.iter(text):
                start = last + 1 - len(name)
                if times[name] < _MOST_FOUND and not _inside_token(text, start, last + 1):
                    times[name] += 1
                    found.append(self._mention(text, start, name))
        found.sort(key=lambda m: (m.form is Form.SHORT, -(m.end - m.start), m.start))
        chosen: list[Mention] = []
        taken = bytearray(len(text))
        for mention in found:
            if not any(taken[mention.start : mention.end]):
                taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
                chosen.append(mention)
        return _first_named(self._with_neighbours(text, sorted(chosen, key=lambda m: m.start)))

    def current(self, code: str) -> Division | None:
        """The division of a code, or who took it over by the day of this gazetteer."""
        return self.divisions.current(code, self._on)

    def below(self, code: str, text: str) -> list[tuple[Division, int]]:
        """Visible children of `code` named in full in `text`, with the place of the first name.

        Raises nothing for unknown codes. A name inside a longer one of them is not reported.
        """
        if code not in self._below:
            self._below[code] = sorted(
                (
                    division
                    for division in self.divisions.children(code, visible=True)
                    if len(division.name) >= _SHORTEST_BELOW_COUNTY
                    and division.level > Level.COUNTY
                ),
                key=lambda division: -len(division.name),
            )
        rest = text
        found: list[tuple[Division, int]] = []
        for division in self._below[code]:
            at = rest.find(division.name)
            if at >= 0:
                found.append((division, at))
                rest = rest.replace(division.name, "\0" * len(division.name))
        return found

    def _add(self, division: Division) -> None:
        current = self.divisions.current(division.code, self._on) or division
        self._full.setdefault(division.name, set()).add(current.code)
        short = self._words.short_name(division.name)
        if short != division.name and not short.isascii() and division.kind is Kind.ORDINARY:
            self._short.setdefault(short, set()).add(current.code)

    def _known_aliases(self) -> dict[str, tuple[str, ...]]:
        known = ((name, self.divisions.get(code)) for name, code in self._words.aliases.items())
        return {name: (division.code,) for name, division in known if division is not None}

    def _mention(self, text: str, start: int, name: str) -> Mention:
        end = start + len(name)
        form, codes, dependent = self._meaning(name)
        standing = Standing.STRONG
        if dependent:
            standing = Standing.DEPENDENT
        elif self._street.match(text, end) or (
            form is not Form.FULL and self._firm.match(text, end)
        ):
            standing = Standing.WEAK
        begins = start == 0 or text[start - 1] in self._words.before_a_place
        return Mention(start, end, name, codes, form, standing, begins=begins)

    def _meaning(self, name: str) -> _Meaning:
        """What a name means wherever it stands; worked out when it is first met."""
        known = self._meanings.get(name)
        if known is None:
            if name in self._aliases:
                form, codes = Form.ALIAS, self._aliases[name]
            elif name in self._full:
                form, codes = Form.FULL, tuple(sorted(self._full[name]))
            else:
                form, codes = Form.SHORT, self._widest(self._short[name])
            known = (form, codes, self._needs_neighbour(name, form, codes))
            self._meanings[name] = known
        return known

    def _needs_neighbour(self, name: str, form: Form, codes: Iterable[str]) -> bool:
        if form is Form.ALIAS:
            return False
        if form is Form.SHORT:
            county = all(self._level(code) >= Level.COUNTY for code in codes)
            return name in self._words.ordinary or (county and name not in self._words.known_short)
        two_characters = len(name) == 2 and not name[0].isascii()  # noqa: PLR2004
        county = all(self._level(code) is Level.COUNTY for code in codes)
        unknown = two_characters and county and name not in self._words.known_full
        return unknown or name in self._words.ordinary_full

    def _widest(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Without those that lie in another of them: 长沙 is the city, not the county in it."""
        group = sorted(codes)
        return tuple(
            code
            for code in group
            if not any(o != code and self.divisions.contains(o, code) for o in group)
        )

    def _with_neighbours(self, text: str, mentions: Sequence[Mention]) -> list[Mention]:
        result: list[Mention] = []
        for mention in mentions:
            narrowed = mention
            if result and _close(text, result[-1].end, mention.start):
                narrowed = self._narrowed(mention, result[-1])
            if narrowed.standing is not Standing.DEPENDENT:
                result.append(narrowed)
        return result

    def _narrowed(self, mention: Mention, before: Mention) -> Mention:
        key = (mention.surface, mention.codes, before.codes)
        if key not in self._inside:
            if len(self._inside) >= _MOST_KEPT:
                self._inside.clear()
            self._inside[key] = self._codes_inside(*key)
        codes = self._inside[key]
        if not codes:
            return mention
        return replace(mention, codes=codes, standing=Standing.STRONG, addressed=True)

    def _codes_inside(
        self, surface: str, codes: tuple[str, ...], before: tuple[str, ...]
    ) -> tuple[str, ...]:
        """What a name may mean right behind another one."""
        every = self._full.get(surface, set()) | self._short.get(surface, set())
        return self._widest(
            code
            for code in every | set(codes)
            if any(o != code and self.divisions.contains(o, code) for o in before)
        )

    def _level(self, code: str) -> Level:
        division = self.divisions.get(code)
        return division.level if division else Level.VILLAGE


def _first_named(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions of the first MOST_NAMED names, each name's first few: bounds what is weighed."""
    times: Counter[str] = Counter()
    kept = []
    for mention in mentions:
        times[mention.surface] += 1
        if times[mention.surface] <= _MOST_TIMES and len(times) <= MOST_NAMED:
            kept.append(mention)
    return kept


def _inside_token(text: str, start: int, end: int) -> bool:
    """Whether a name that begins or ends with a letter or digit continues one (BA3区)."""
    before = start > 0 and _ascii_word(text[start - 1]) and _ascii_word(text[start])
    after = end < len(text) and _ascii_word(text[end]) and _ascii_word(text[end - 1])
    return before or after


def _ascii_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _close(text: str, end: int, start: int) -> bool:
    gap = text[end:start]
    return len(gap) <= _MOST_SEPARATORS and all(character in _SEPARATORS for character in gap)
