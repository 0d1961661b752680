"""Which marks (机关代字) an organ may carry in the numbers of its papers, the best first.

Its own mark of the edition, else the short names of the divisions down to it and the word of its
kind: 株洲荷塘信. Of two organs that would have the same one the later takes the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from shared.papers.numbers import MOST_MARK, is_mark
from shared.reference.divisions import Divisions
from shared.reference.organs import Organs
from shared.reference.place_words import PlaceWords

_OTHER = re.compile("[^\u4e00-\u9fff]")
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_LONGEST_WORD = 4
_ANY_ORGAN = "机关"


def marks_for(
    code: str, organs: Organs, words: PlaceWords, kinds: Mapping[str, str], *, root: str
) -> Iterator[str]:
    """Marks for the organ of a code, without end, each once and fit for a number; also for one that
    the edition in force does not know."""
    organ, (division, _, kind) = organs.get(code), code.partition("-")
    name = _OTHER.sub("", organ.name)[-_LONGEST_WORD:] if organ else ""
    word = kinds.get(kind) or name or _ANY_ORGAN
    names = _names(division, organs.divisions, root)
    own = organ.mark if organ else ""
    short = _told_apart([words.short_name(name) for name in names], names)
    seen: set[str] = set()
    for mark in _wanted(own, short, names, word):
        if mark not in seen and is_mark(mark):
            seen.add(mark)
            yield mark


def _wanted(own: str, short: Sequence[str], names: Sequence[str], word: str) -> Iterator[str]:
    yield own
    yield _joined(short, word)
    yield _joined(names, word)
    for number in count(2):
        said = str(number).translate(_DIGITS)
        yield _joined(short, word, room=MOST_MARK - len(said)) + said


def _joined(names: Sequence[str], word: str, *, room: int = MOST_MARK) -> str:
    """The names and the word; what has no room goes, from the highest division on."""
    return (_OTHER.sub("", "".join(names)) + word)[-room:]


def _told_apart(short: Sequence[str], names: Sequence[str]) -> list[str]:
    """Short names; where a county is called like its city, its full name alone (长沙县)."""
    doubled = {at for at in range(1, len(short)) if short[at] == short[at - 1]}
    return [
        names[at] if at in doubled else name
        for at, name in enumerate(short)
        if at + 1 not in doubled
    ]


def _names(code: str, divisions: Divisions, root: str) -> list[str]:
    """Names of the divisions below the deployment's root down to this one; of the root its own."""
    top, division = divisions.get(root), divisions.get(code)
    names: list[str] = []
    while division is not None and (not names or top is None or division.code != top.code):
        names.insert(0, division.name)
        division = divisions.visible_parent(division.code)
    return names
