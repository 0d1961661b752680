"""Text as typed, or refused: nothing is dropped from a paper in silence."""

from __future__ import annotations

import unicodedata

from shared.papers.errors import TextRefused

REFUSED = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
"""Control, format (also those that turn the direction of reading), surrogate, unassigned, odd
line ends. Invisible characters in an official paper could make it read otherwise than stored."""
PRINTED_CONTROLS = frozenset("\n\t")


def clean(text: str, *, slot: str = "") -> str:
    """The text with line ends as `\\n`. Raises TextRefused for a character of REFUSED."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for place, character in enumerate(text, start=1):
        if unicodedata.category(character) in REFUSED and character not in PRINTED_CONTROLS:
            code_point = f"U+{ord(character):04X}"
            raise TextRefused(
                f"第 {place} 个字符 {code_point} 不可显示，请删除后重试",
                character=code_point,
                slots=[slot] if slot else [],
            )
    return text
