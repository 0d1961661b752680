"""Whether a text holds any of many words, quickly where most texts hold none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


class AnyWord:
    """Words as regular expressions.

    Where all alternatives begin with a plain character, the engine passes over every other place at
    once. So words that do (their first two characters are letters, so nothing makes the first one
    optional) are one expression and the few others another."""

    def __init__(self, words: Iterable[str]) -> None:
        parts: dict[bool, list[str]] = {}
        for word in words:
            parts.setdefault(word[:2].isalpha(), []).append(word)
        self._parts = [re.compile("|".join(part)) for part in parts.values()]

    def is_in(self, text: str) -> bool:
        """Whether one of the words is found in the text."""
        return any(part.search(text) for part in self._parts)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of what is found, also of what overlaps, in time that grows with the
        length: of the words that begin at one place one."""
        for part in self._parts:
            found = part.search(text)
            while found is not None:
                yield found.span()
                found = part.search(text, found.start() + 1)
