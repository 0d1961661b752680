"""Which characters are ideographs, and what Chinese writing never puts between two of them."""

from __future__ import annotations

import re

IDEOGRAPHS = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Inside of a character class."""
STROKES = "丨丶丿亅乀乁乚乛"
"""Ideographs that are used as signs only."""
ENDS = "。！？!?；;"
"""What ends a sentence; inside of a character class."""
PUNCTUATION = "，,、：:．.…\n()（）《》〈〉<>“”‘’\"'【】「」『』\\[\\]〔〕{}—―"
"""What stands between the parts of one; inside of a character class."""
_SIGN = f"(?:&#?[0-9A-Za-z]{{1,8}};|[{STROKES}]|[^{IDEOGRAPHS}{ENDS}{PUNCTUATION}])"
_MARKS = re.compile(
    f"(?<=[{IDEOGRAPHS}])(?<![{STROKES}]){_SIGN}++(?![{STROKES}])(?=[{IDEOGRAPHS}])"
)


def without_marks(text: str) -> str:
    """The text without what takes words apart: signs, letters, digits and faces between two
    ideographs (受*贿, 科a长). For rules that read words; takes time in proportion to the length."""
    return _MARKS.sub("", text)
