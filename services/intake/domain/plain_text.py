"""One reading of a text whatever its typography, with the way back to the original characters.

People (and copied web pages) write full-width digits, put blanks between the characters of a name
and carry zero-width characters along. Rules read the folded text; what they find is changed in the
original.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_FULL_WIDTH = range(0xFF01, 0xFF5F)
_BLANKS = frozenset("\u3000\u00a0")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `positions[i]` is the index of its i-th character in the original."""

    text: str
    positions: Sequence[int]


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


class _Table(dict[int, str]):
    """Folded forms, worked out at the first meeting with a character."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = fold_character(chr(code))
        return folded


_TABLE: Final = _Table()


def fold(text: str) -> Folded:
    """Fold a text character by character."""
    folded = text.translate(_TABLE)
    if len(folded) == len(text):  # a character becomes one or none, so none has gone
        return Folded(folded, range(len(text)))
    return Folded(folded, [at for at, character in enumerate(text) if _TABLE[ord(character)]])


def squeeze(text: str) -> str:
    """The folded text without blanks inside lines, for rules that read words."""
    lines = fold(text).text.splitlines()
    return "\n".join("".join(line.split()) for line in lines)
