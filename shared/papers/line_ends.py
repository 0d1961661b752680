"""Places where a line may end in what has none, as an address of the web: else it runs off the
paper."""

from __future__ import annotations

import re

LINE_MAY_END = "\u200b"
_UNBROKEN = re.compile("[^\\s\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{4,}")
"""Everything between blanks, ideographs, kana and Hangul, where lines may end anyway."""
_NARROW = re.compile("[0-9a-ln-vx-z.,:;/'|!()-]")
_NARROW_EMS = 0.55
_AFTER = re.compile(r"(?<=[!-~])[-/](?=[!-~])")


def breakable(text: str, *, ems: float) -> str:
    """The text with a place to end a line at least every `ems` widths of an ideograph."""
    return _UNBROKEN.sub(lambda found: _broken(found[0], ems), text)


def after_hyphens(text: str) -> str:
    """The text with a place to end a line after each hyphen or slash inside a word."""
    return _AFTER.sub(lambda found: found[0] + LINE_MAY_END, text)


def width(text: str) -> float:
    """About how wide a line is, in widths of an ideograph."""
    narrow = len(_NARROW.findall(text))
    return narrow * _NARROW_EMS + len(text) - narrow


def _broken(run: str, ems: float) -> str:
    if width(run) <= ems:
        return run
    parts, room = [], ems
    for character in run:
        room -= width(character)
        if room < 0:
            parts.append(LINE_MAY_END)
            room = ems - width(character)
        parts.append(character)
    return "".join(parts)
