"""The reading form of a text: what people see, whatever its typography, with the way back.

People (and copied web pages and PDFs) write full-width digits, circled numbers and radicals for
ideographs, put blanks between the characters of a name and carry invisible characters along. Rules
read the folded text; what they find is changed in the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat

from shared.kernel.radicals import IDEOGRAPH_OF

_FULL_WIDTH = range(0xFF01, 0xFF5F)
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
"""Inside of a character class: what a page shows as nothing at all (Unicode's property
Default_Ignorable_Code_Point, which Python's unicodedata does not have)."""
_IGNORABLE = re.compile(f"[{IGNORABLE}]")
_LINE_ENDS = frozenset("\v\f\u0085\u2028\u2029")
_BLANK_PATTERN = "\u2800"
"""A pattern of Braille without a dot; fonts show a blank."""
_MAY_CHANGE = re.compile("[^\t\n\r -~\u4e00-\u9fff]")
"""All but printed ASCII and the common ideographs, which fold to themselves."""
_UNSEEN = frozenset({"Cf", "Cc", "Cs"})
_MARKS = frozenset({"Mn", "Me"})
_FEW = 16
"""So many different characters are exchanged one after the other, more in one pass by a table:
for few it is the quicker way, for many it would take time in proportion to them."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `positions[i]` is the index in the original of what its i-th character
    stands for. A character of the original may be none or several of the folded ones."""

    text: str
    positions: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded characters [start, end) stand in the original; `end` > `start`."""
        return self.positions[start], self.positions[end - 1] + 1


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """What a character is read as: ASCII for full-width forms and decimal digits, the plain form of
    circled, superscript and compatibility ones, the ideograph of a radical, a blank for any blank,
    a line feed for odd line ends, and "" for what is invisible, a control or a mark put on another
    character (people strike words through so)."""
    if character in _LINE_ENDS:
        return "\n"
    if character.isascii():
        return character if character.isprintable() or character in "\t\n\r" else ""
    if ord(character) in _FULL_WIDTH:
        return chr(ord(character) - 0xFEE0)
    if character == _BLANK_PATTERN:
        return " "
    if character in IDEOGRAPH_OF:
        return IDEOGRAPH_OF[character]
    return _fold_by_category(character)


def _fold_by_category(character: str) -> str:
    category = unicodedata.category(character)
    if category in _UNSEEN or category in _MARKS or _IGNORABLE.match(character):
        return ""
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] in "LN" or category == "So":
        # Accents go like any mark, so that a letter and its accent read the same as both in one.
        parts = unicodedata.normalize("NFKD", character)
        bare = "".join(part for part in parts if unicodedata.category(part) not in _MARKS)
        return unicodedata.normalize("NFKC", bare) if bare else character
    return character


class _Plain(dict[int, str]):
    """Table for `str.translate` that is filled by the characters it meets."""

    def __missing__(self, code: int) -> str:
        plain = fold_character(chr(code))
        self[code] = plain
        return plain


def fold(text: str) -> Folded:
    """Fold a text, each character of it for itself, in time that grows with the length."""
    changed = {
        character: plain
        for character in set(_MAY_CHANGE.findall(text))
        if (plain := fold_character(character)) != character
    }
    if not changed:
        return Folded(text, range(len(text)))
    if len(changed) <= _FEW and not any(
        part in changed for plain in changed.values() for part in plain
    ):
        folded = text
        for character, plain in changed.items():
            folded = folded.replace(character, plain)
    else:
        folded = text.translate(_Plain())
    if all(len(plain) == 1 for plain in changed.values()):
        return Folded(folded, range(len(text)))
    lengths = (len(changed.get(character, character)) for character in text)
    return Folded(folded, list(chain.from_iterable(map(repeat, range(len(text)), lengths))))


_BLANKS_OF_WORDS = re.compile(r"(?<![\x00-\x7f])[ \t]+|[ \t]+(?![\x00-\x7f])")


def joined(text: str) -> Folded:
    """The folded text without blanks beside an ideograph, for rules that look for names: people
    put blanks into names, pages break lines of them. Blanks between Latin words stay."""
    folded = fold(text)
    if not _BLANKS_OF_WORDS.search(folded.text):
        return folded
    kept: list[int] = []
    done = 0
    for blank in _BLANKS_OF_WORDS.finditer(folded.text):
        kept.extend(range(done, blank.start()))
        done = blank.end()
    kept.extend(range(done, len(folded.text)))
    plain = "".join([folded.text[at] for at in kept])
    return Folded(plain, [folded.positions[at] for at in kept])


def squeeze(text: str) -> str:
    """The folded text without blanks inside lines, for rules that read words."""
    lines = fold(text).text.splitlines()
    return "\n".join("".join(line.split()) for line in lines)


def says_something(text: str) -> bool:
    """Whether anything of a text can be seen: not where it is blanks and invisible characters."""
    return bool(fold(text).text.strip())
