"""Values no honest client sends, and bodies with one of them in each place in turn."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

SOME_ID = "00000000-0000-0000-0000-000000000001"


def a_cursor(*keys: Any) -> str:
    """A cursor as it would come from us, with any keys."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


_WORDS = [
    "", " ", "x", "a" * 30_000, "\u202e\u200d\x1b[31m", "²", "-1", "9" * 25, "2026-02-30",
    "9999-12-31", "0001-01-01T00:00:00+14:00", "43010", "990000000000", "999999999999-PETITION",
]  # fmt: skip
STRINGS = [
    *_WORDS, "-", "%", "' OR 1=1--", "null", "𪚥" * 300, "４３", "４３０１０４", "0001-01-01",
    "2026-01-01T00:00:00", "9999-12-31T23:59:59-14:00", "43", "000000000000", "--", SOME_ID,
    a_cursor("x"), a_cursor("x", "y"), a_cursor(2**62), a_cursor("9999-12-31", SOME_ID),
    a_cursor("0001-01-01T00:00:00+14:00", SOME_ID), a_cursor("2026-01-01T00:00:00", SOME_ID),
]  # fmt: skip
"""For places that hold text only: paths, queries, headers."""
VALUES: list[Any] = [
    *_WORDS, None, True, 0, -1, 1.5, 1e308, 2**31, 2**63 - 1, [], {}, [None],
]  # fmt: skip


def spoilt(body: Any) -> Iterator[Any]:
    """The body with each of its places, itself included, replaced by each value in turn."""
    for place in _places(body):
        for value in VALUES:
            yield _replaced(body, place, value)


def _places(body: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    inner = (
        body.items()
        if isinstance(body, dict)
        else enumerate(body)
        if isinstance(body, list)
        else ()
    )
    for key, value in inner:
        yield from _places(value, (*place, key))


def _replaced(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    new = copy.copy(body)
    new[place[0]] = _replaced(body[place[0]], place[1:], value)
    return new
