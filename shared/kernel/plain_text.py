"""One reading of a text whatever its typography, with the way back to the original characters.

People (and copied web pages) write full-width digits, put blanks between the characters of a name
and carry zero-width characters along. Rules read the folded text; what they find is changed in the
original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_FULL_WIDTH = range(0xFF01, 0xFF5F)
_BLANKS = frozenset("\u3000\u00a0")
_MAY_CHANGE = re.compile("[^\x00-\x7f\u4e00-\u9fff]")
"""All but ASCII and the common ideographs, which fold to themselves."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `positions[i]` is the index of its i-th character in the original."""

    text: str
    positions: Sequence[int]


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """Half-width form of a character, ASCII for any decimal digit, "" for an invisible one."""
    code = ord(character)
    if character.isascii():
        return character
    if code in _FULL_WIDTH:
        return chr(code - 0xFEE0)
    if character in _BLANKS:
        return " "
    category = unicodedata.category(character)
    if category == "Cf" or character == "\ufe0f":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character


def fold(text: str) -> Folded:
    """Fold a text, each character of it for itself."""
    # One replacement for each character that occurs is far cheaper than a look at every place;
    # what is put in is ASCII and never replaced again.
    folded, gone = text, set()
    for character in set(_MAY_CHANGE.findall(text)):
        plain = fold_character(character)
        if plain != character:
            folded = folded.replace(character, plain)
        if not plain:
            gone.add(character)
    if not gone:
        return Folded(folded, range(len(text)))
    return Folded(folded, [at for at, character in enumerate(text) if character not in gone])


def squeeze(text: str) -> str:
    """The folded text without blanks inside lines, for rules that read words."""
    lines = fold(text).text.splitlines()
    return "\n".join("".join(line.split()) for line in lines)
