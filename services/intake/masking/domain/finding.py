"""Known values found in a text however they are written: in any case, width, spacing and digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from shared.kernel.digit_chains import HAN, HAN_DIGITS
from shared.kernel.hidden_numbers import Span
from shared.kernel.plain_text import Folded

SHORTEST = 2
"""A value of one character would hide ordinary words."""
_HAN = re.compile(f"[{HAN}]")
_DROPPED = re.compile(r"[^\w@#*]|_|(?<!\*)\*(?!\*)")
"""Stars in a row stay: what is masked already joins nothing."""
_KEPT = re.compile(r"[^\W_]|[@#]|\*(?=\*)|(?<=\*)\*")
_LETTER = re.compile("[A-Za-z]")
_LONGEST_UNIT = 8
_PART_OF_A_WORD = 5
"""Letters alone that are fewer are a value only where they are a word (Li, but not in Limited)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A value that must not show. `wanted` is its skeleton, `shown` stands instead of it; its first
    `kept` characters stay, they only say where to look (a division before a street)."""

    wanted: str
    shown: str
    kept: int = 0


def skeleton(text: str) -> str:
    """Letters, digits and ideographs of a folded text in one spelling."""
    return _DROPPED.sub("", _plain(text))


def _plain(text: str) -> str:
    """The text in lower case and ASCII digits, as long as it was. The digits are exchanged one
    after the other: for so few it takes a tenth of the time of `str.translate`."""
    lower = text.lower()
    plain = lower if len(lower) == len(text) else text
    for han in set(_HAN.findall(plain)):
        plain = plain.replace(han, HAN_DIGITS[ord(han)])
    return plain


class Finder:
    """Searches a text for all values at once."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        units: dict[str, Identity] = {}
        for each in identities:
            if len(each.wanted) >= SHORTEST:
                unit = _unit(each.wanted)
                if unit not in units or len(each.wanted) < len(units[unit].wanted):
                    units[unit] = each
        self._automaton = ahocorasick.Automaton() if units else None
        if self._automaton is not None:
            for each in units.values():
                self._automaton.add_word(each.wanted, each)
            self._automaton.make_automaton()

    def spans(self, folded: Folded) -> Iterator[Span]:
        """Where the values stand in the text."""
        if self._automaton is None:
            return
        plain = _plain(folded.text)
        positions: list[int] = []
        for last, found in self._automaton.iter(_DROPPED.sub("", plain)):
            if not positions:
                positions = [each.start() for each in _KEPT.finditer(plain)]
            start = positions[last + 1 - len(found.wanted) + found.kept]
            end = positions[last] + 1
            if not (_is_short_word(found.wanted) and _is_in_a_word(plain, start, end)):
                yield start, end, found.shown


def _unit(wanted: str) -> str:
    """What a value repeats, or the value itself. Of values that repeat one short unit (aaaa, aaa)
    only the shortest is searched: it covers the longer ones, and no character of a text ends more
    than a few values."""
    for size in range(1, min(_LONGEST_UNIT, len(wanted) // 2) + 1):
        if wanted.startswith(wanted[size:]):
            return wanted[:size]
    return wanted


def _is_short_word(wanted: str) -> bool:
    return len(wanted) < _PART_OF_A_WORD and wanted.isascii() and wanted.isalpha()


def _is_in_a_word(plain: str, start: int, end: int) -> bool:
    return bool(_LETTER.match(plain, end) or (start and _LETTER.match(plain, start - 1)))
