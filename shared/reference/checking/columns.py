"""What a column of a rule file may hold: each check gives the reason why a text is not that."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import date

Check = Callable[[str], str]
"""The reason why a text does not belong into the column; empty when it does."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,6}")
UNSEEN = "含有看不见的字符或首尾空格"


def words(most: int = 200) -> Check:
    """Words for people: something visible in one line, at most so many characters."""

    def check(text: str) -> str:
        if not text.strip():
            return "不能为空"
        if text != text.strip() or any(_unseen(each) for each in text):
            return UNSEEN
        return f"超过 {most} 个字符" if len(text) > most else ""

    return check


def maybe(check: Check) -> Check:
    """The same, or empty."""
    return lambda text: check(text) if text else ""


def day(text: str) -> str:
    """A date as 2026-05-01."""
    if not _DAY.fullmatch(text):
        return f"“{shown(text)}”不是 2026-05-01 这样的日期"
    try:
        date.fromisoformat(text)
    except ValueError:
        return f"没有 {text} 这一天"
    return ""


def whole(least: int, most: int) -> Check:
    """A whole number between two bounds, in plain digits."""

    def check(text: str) -> str:
        if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
            return f"“{shown(text)}”不是 {least} 至 {most} 的整数"
        return ""

    return check


def one_of(values: Collection[str]) -> Check:
    """One of the values."""

    def check(text: str) -> str:
        return "" if text in values else f"“{shown(text)}”不是 {'、'.join(values)} 之一"

    return check


def several(check: Check) -> Check:
    """Any number of values with `;` between them, none twice; empty is none."""

    def each(text: str) -> str:
        parts = text.split(";") if text else []
        if len(set(parts)) != len(parts):
            return f"“{shown(text)}”有重复"
        return next((reason for part in parts if (reason := check(part))), "")

    return each


def shaped(pattern: str, what: str) -> Check:
    """A text of a shape, named for people."""
    shape = re.compile(pattern)
    return lambda text: "" if shape.fullmatch(text) else f"“{shown(text)}”不是{what}"


def shown(text: str) -> str:
    """A text as it can be quoted in a message: short, what is not seen as its code point."""
    return "".join(f"<U+{ord(c):04X}>" if _unseen(c) else c for c in text[:40])


def anything(_: str) -> str:
    """No condition."""
    return ""


def _unseen(character: str) -> bool:
    category = unicodedata.category(character)
    return (
        (category[0] in "CZ" and character != " ")
        or character in "\u115f\u1160\u3164\uffa0\u2800"
        or (
            0xFE00 <= ord(character) <= 0xFE0F  # noqa: PLR2004 - variation selectors
        )
    )
