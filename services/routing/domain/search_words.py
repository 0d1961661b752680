"""Words to search by: how text is folded, and the pairs of characters by which it is found.

A pair stands in the index as the code points of its characters in hexadecimal, so that no engine's
own idea of words, signs or operators has a say in it.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from shared.kernel.errors import Invalid

MOST_WORDS = 10


def folded(*parts: str | None) -> str:
    """The parts in lines, full-width and half-width and upper and lower case alike."""
    text = "\n".join(part for part in parts if part)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def pairs(text: str) -> list[str]:
    """Distinct pairs of neighbouring letters or digits of a folded text, ascending."""
    found = {(a, b) for a, b in pairwise(text) if a.isalnum() and b.isalnum()}
    return sorted(f"{ord(a):x}x{ord(b):x}" for a, b in found)


def searched(text: str) -> list[str]:
    """The folded words of a query, which all must occur as they stand. Raises Invalid for a word
    without two neighbouring letters or digits, and for too many words."""
    words = sorted(set(folded(text).split()))
    if len(words) > MOST_WORDS:
        raise Invalid(f"检索词最多{MOST_WORDS}个")
    if not words or not all(pairs(word) for word in words):
        raise Invalid("每个检索词至少要有两个相连的文字")
    return words
