"""Words to search by: how text is read, and the pairs of characters by which it is found.

Text and query are read alike, as people see them (kernel/plain_text.py), without blanks: people put
them between the characters of a name, and what a page breaks into lines they copy as lines. A pair
stands in the index as the code points of its characters in hexadecimal, so that no engine's own
idea of words, signs or operators has a say in it.
"""

from __future__ import annotations

from itertools import pairwise

from shared.kernel.errors import Invalid
from shared.kernel.plain_text import fold

MOST_WORDS = 10


def folded(*parts: str | None) -> str:
    """The parts in lines, each as it is read: without blanks, case or typography."""
    read = ("".join(_read(part).split()) for part in parts if part)
    return "\n".join(part for part in read if part)


def pairs(text: str) -> list[str]:
    """Distinct pairs of neighbouring letters or digits of a folded text, ascending."""
    found = {(a, b) for a, b in pairwise(text) if a.isalnum() and b.isalnum()}
    return sorted(f"{ord(a):x}x{ord(b):x}" for a, b in found)


def searched(text: str) -> list[str]:
    """The words of a query as they are read, which all must occur. Raises Invalid for a word
    without two neighbouring letters or digits, and for too many words."""
    words = sorted(set(_read(text).split()))
    if len(words) > MOST_WORDS:
        raise Invalid(f"检索词最多{MOST_WORDS}个")
    if not words or not all(pairs(word) for word in words):
        raise Invalid("每个检索词至少要有两个相连的文字")
    return words


def _read(text: str) -> str:
    """Folded again after the case: it may put marks of its own on a letter."""
    return fold(fold(text).text.casefold()).text
