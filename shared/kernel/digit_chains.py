"""Digits that may be one number, however they are parted and in whatever digits they are written.

A chain is a stretch of digits with few separators between: blanks, dashes, dots, slashes, brackets
and the like, of any script. A number is a window of it that begins and ends where a group of
digits does. Work grows with the length of the text: a chain is read once, and each group is the
beginning of at most one window of each length.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

_HAN = {
    "零〇○": "0", "一壹弌幺": "1", "二贰貳弍": "2", "三叁參叄弎": "3", "四肆": "4",
    "五伍": "5", "六陆陸": "6", "七柒": "7", "八捌": "8", "九玖": "9",
}  # fmt: skip
HAN_DIGITS = str.maketrans({han: plain for many, plain in _HAN.items() for han in many})
HAN = "".join(_HAN)
DIGIT = f"0-9{HAN}"
"""Inside of a character class: a digit in a folded text."""
SHORTEST = 7
"""Fewer digits lead to nobody."""
_ENDS = frozenset("。!?;…*#%&@\"'‰§†‡※‼⁇⁈⁉")
"""Marks that end a sentence or say that the digits are something else, and the `*` of what is
masked."""
_LISTS = ",、:\n\r"
_PUNCTUATION = frozenset({"Pd", "Pc", "Ps", "Pe", "Pi", "Pf", "Po"})
_SOFT = " \t+|~=^`<>" + "".join(
    character
    for character in map(chr, range(0x10000))
    if unicodedata.category(character) in _PUNCTUATION
    and character not in _ENDS
    and character not in _LISTS
)
SOFT = re.escape(_SOFT)
"""Inside of a character class: what parts the digits of one number."""
GAP = SOFT + re.escape(_LISTS)
"""Inside of a character class: these, and what parts the items of a list."""
_CHAIN = re.compile(
    rf"[{DIGIT}](?:[{GAP}]{{0,3}}[{DIGIT}]){{{SHORTEST - 1},}}+"
    rf"(?:[{SOFT}]{{0,2}}[Xx](?![0-9A-Za-z]))?"
)
_GROUP = re.compile(rf"[0-9]+[Xx]?|[{HAN}]+[Xx]?|[Xx]")
"""Digits of two kinds are two groups: 一 behind a number may begin the next word (一直)."""
_LISTED = re.compile(f"[{re.escape(_LISTS)}]")
_MOST_GROUPS = 6
_LISTED_GROUP, _FIRST_LISTED, _LAST_LISTED = 4, 3, 2
"""Numbers in a list (1、2、3 or 147、226 or 1,234,567) are shorter. So marks of a list part one
number only where its groups have so many digits, the first and the last group some less."""


@dataclass(frozen=True, slots=True)
class Window:
    """Groups `first` to `last` of a chain read as one number, `digits`, at [start, end)."""

    chain: Chain
    first: int
    last: int
    digits: str

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.chain.groups[self.first][0]

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.chain.groups[self.last][1]

    @property
    def sizes(self) -> list[int]:
        """How many digits each group has."""
        return [end - start for start, end in self.chain.groups[self.first : self.last + 1]]

    @property
    def is_listed(self) -> bool:
        """Whether a mark of a list stands in it."""
        return self.chain.lists[self.last] != self.chain.lists[self.first]

    @property
    def is_plain(self) -> bool:
        """In few groups, or digit by digit: 13.5-14.5-15.5-16.5 are measures."""
        return self.last - self.first < _MOST_GROUPS or self.is_spelt_out

    @property
    def is_spelt_out(self) -> bool:
        """Digit by digit, and no digit more is."""
        groups, first, last = self.chain.groups, self.first, self.last
        alone = last - first + 1 == len(self.digits)
        return alone and not any(
            0 <= other < len(groups) and groups[other][1] - groups[other][0] == 1
            for other in (first - 1, last + 1)
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """`groups`: where each stands; `reached`: digits before each group, and at the end; `short`
    and `lists`: groups too short for a list, and gaps with a mark of one, before each group."""

    groups: list[tuple[int, int]]
    digits: str
    reached: list[int]
    short: list[int]
    lists: list[int]

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.groups[0][0]

    def is_amid_single_digits(self, first: int) -> bool:
        """Whether digits are spelt out one by one before it and for as long as numbers are: where
        that began the number begins."""
        ahead = self.reached[min(first + _MOST_GROUPS, len(self.groups))] - self.reached[first]
        return (
            first > 0
            and self.reached[first] - self.reached[first - 1] == 1
            and (ahead == _MOST_GROUPS)
        )

    def window(self, first: int, length: int) -> Window | None:
        """The groups from `first` that have so many digits together, where they are one number."""
        begin = self.reached[first]
        last = bisect_left(self.reached, begin + length, first + 1) - 1
        if last >= len(self.groups) or self.reached[last + 1] != begin + length:
            return None
        if self.lists[last] != self.lists[first] and (
            self.short[last] != self.short[first + 1]
            or self.reached[first + 1] - begin < _FIRST_LISTED
            or begin + length - self.reached[last] < _LAST_LISTED
        ):
            return None
        return Window(self, first, last, self.digits[begin : begin + length])


def chains(text: str) -> Iterator[Chain]:
    """All chains of a folded text."""
    return (_chain(text, *found.span()) for found in _CHAIN.finditer(text))


def _chain(text: str, start: int, end: int) -> Chain:
    groups = [found.span() for found in _GROUP.finditer(text, start, end)]
    if text[groups[-1][0]] in "Xx":
        groups[-2:] = [(groups[-2][0], groups[-1][1])]
    reached, short, lists = [0], [0], [0]
    parts = []
    for at, (begin, stop) in enumerate(groups):
        part = _digits(text[begin:stop])
        parts.append(part)
        reached.append(reached[-1] + len(part))
        short.append(short[-1] + (len(part) < _LISTED_GROUP))
        following = groups[at + 1][0] if at + 1 < len(groups) else stop
        lists.append(lists[-1] + (_LISTED.search(text, stop, following) is not None))
    return Chain(groups, "".join(parts), reached, short, lists)


def _digits(part: str) -> str:
    plain = part if part.isascii() else part.translate(HAN_DIGITS)
    return plain if plain.isdigit() else "".join(c for c in plain.upper() if c.isalnum())
