"""Words that their writer took apart (贪.污, 受*贿, 公-款), read as if they stood together.

People do so that filters of web forms let such words through. What stands between is of three
kinds. A *mark* (a sign, letters, digits, a face) between two ideographs is no part of Chinese
writing and is read over everywhere. *Punctuation* inside a sentence is read over inside of a word
of a deed only, and not where an everyday word begins behind it ("they are not 贪, 污水 is"). The
*end of a sentence* holds words apart, unless the character behind it stands alone (贪。污。).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.intake.sealing.domain.any_word import AnyWord
from shared.kernel.ideographs import ENDS, IDEOGRAPHS, without_marks

_OTHER = re.compile(f"[^{IDEOGRAPHS}]+")
_IDEOGRAPH = re.compile(f"[{IDEOGRAPHS}]")
_END = re.compile(f"[{ENDS}]")
_LEAD = 2
"""So many characters behind a gap tell whether an everyday word begins there."""


class TakenApart:
    """How words of deeds are put together again. `begins`: everyday words of two characters."""

    def __init__(self, deeds: Iterable[str], *, begins: Iterable[str]) -> None:
        # An expression with a stretch of anything in it would reach over what others say.
        self._deeds = AnyWord(word for word in deeds if "{" not in word)
        self._begins = frozenset(begins)

    def together(self, text: str) -> str:
        """The text with its marks left out, and what stands inside of words of deeds.

        `text` is in the reading form without blanks; any length, in time that grows with it."""
        text = without_marks(text)
        bare = _OTHER.sub("", text)
        if len(bare) == len(text) or not self._deeds.is_in(bare):
            return text
        places = [found.start() for found in _IDEOGRAPH.finditer(text)]
        dropped: set[int] = set()
        for start, end in self._deeds.spans(bare):
            gaps = [at for at in range(start + 1, end) if places[at] - places[at - 1] > 1]
            if gaps and all(self._joins(text, bare, places, at) for at in gaps):
                dropped.update(at for gap in gaps for at in range(places[gap - 1] + 1, places[gap]))
        if not dropped:
            return text
        return "".join(each for at, each in enumerate(text) if at not in dropped)

    def _joins(self, text: str, bare: str, places: list[int], at: int) -> bool:
        """Whether what stands before the ideograph `at` takes a word apart."""
        if _END.search(text, places[at - 1] + 1, places[at]):
            return not _IDEOGRAPH.match(text, places[at] + 1)
        return bare[at : at + _LEAD] not in self._begins
