"""Text made fit to be printed: what was received never stops a paper, a case file or a list.

What staff write is judged when it is entered (shared/web/bodies.py); everything else, and whatever
older releases took, is printed as far as it can be read.
"""

from __future__ import annotations

import re
import unicodedata

from shared.kernel.plain_text import IGNORABLE

LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
UNSEEN = frozenset({"Cc", "Cf", "Cs"})
"""Controls, format characters (also those that turn the direction of reading), surrogates: they
could make a paper read otherwise than stored."""
_ODD = re.compile("[^\n\t -~\u3000-\u303e\u4e00-\u9fff\uff01-\uff5e]")
_IGNORABLE = re.compile(f"[{IGNORABLE}]")
_LAST = 0xFFFE
"""Two code points at the end of each plane, and 32 more, are no characters: XML refuses them."""
_NO_CHARACTERS = range(0xFDD0, 0xFDF0)
UNREADABLE = "（无可显示的文字）"
"""Stands where a text has nothing that can be seen."""


def printable(text: str) -> str:
    """The text as it is printed: line ends as `\\n`, blanks of every width as one, invisible
    characters left out, what is no character as its stand-in."""
    return _ODD.sub(lambda found: _shown(found[0]), LINE_ENDS.sub("\n", text))


def in_one_line(text: str) -> str:
    """The same where only one line has room; never empty."""
    return " ".join(printable(text).split("\n")).strip() or UNREADABLE


def stand_in(character: str) -> str:
    """What is printed for a character that cannot be shown: its code point, so that whoever has
    only the paper can still tell which it is."""
    return f"[U+{ord(character):04X}]"


def is_unseen(character: str) -> bool:
    """Whether a character shows nothing by itself; line ends, tabs and blanks are none of these."""
    if character in "\n\r\t":
        return False
    return unicodedata.category(character) in UNSEEN or bool(_IGNORABLE.match(character))


def is_no_character(character: str) -> bool:
    """Whether Unicode keeps a code point free for ever."""
    code = ord(character)
    return code & _LAST == _LAST or code in _NO_CHARACTERS


def _shown(character: str) -> str:
    if is_unseen(character):
        return ""
    if is_no_character(character):
        return stand_in(character)
    blank = unicodedata.category(character) == "Zs" or character == "\u2800"
    return " " if blank else character
