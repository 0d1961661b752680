"""Which changes a frozen schema bears: each kind of change, harmless or breaking."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from shared.contracts.freeze import breaking_changes

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "x",
    "properties": {
        "a": {"type": "string", "description": "x"},
        "b": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        "c": {"$ref": "#/$defs/Kind"},
        "d": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
    },
    "required": ["a", "c", "d"],
    "$defs": {
        "Kind": {"enum": ["x", "y"], "type": "string"},
        "Part": {
            "type": "object",
            "properties": {"p": {"type": "string", "format": "date"}},
            "required": ["p"],
        },
    },
}


def altered(path: str, value: Any) -> dict[str, Any]:
    """The schema with what stands at a path replaced, or taken away when the value is None."""
    new: Any = copy.deepcopy(SCHEMA)
    *way, last = path.split("/")
    place = new
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return new


HARMLESS = {
    "nothing": ("type", "object"),
    "better words": ("properties/a/description", "better"),
    "an optional member": ("properties/e", {"type": "string", "default": ""}),
    "an optional member of a part": ("$defs/Part/properties/q", {"type": "string"}),
    "a structure more": ("$defs/New", {"type": "object"}),
    "a word more": ("$defs/Kind/enum", ["x", "y", "z"]),
    "words in another order": ("$defs/Kind/enum", ["y", "x"]),
}
BREAKING = {
    "a member taken away": ("properties/b", None),
    "a member of a part taken away": ("$defs/Part/properties/p", None),
    "a structure taken away": ("$defs/Part", None),
    "a member now required": ("required", ["a", "b", "c", "d"]),
    "a member no longer required": ("required", ["a", "c"]),
    "a required member of a part more": ("$defs/Part/required", ["p", "q"]),
    "another type": ("properties/a/type", "integer"),
    "null allowed": ("properties/a", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "null no longer allowed": ("properties/b", {"type": "integer"}),
    "another type beside null": ("properties/b/anyOf/0/type", "string"),
    "another default": ("properties/b/default", 0),
    "another format": ("$defs/Part/properties/p/format", "date-time"),
    "a pattern more": ("properties/a/pattern", "^x"),
    "a shorter text": ("properties/a/maxLength", 10),
    "another structure": ("properties/c/$ref", "#/$defs/Part"),
    "other items": ("properties/d/items/$ref", "#/$defs/Kind"),
    "a word less": ("$defs/Kind/enum", ["x"]),
    "words instead of any text": ("properties/a/enum", ["x", "y"]),
    "any text instead of words": ("$defs/Kind/enum", None),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_additions_and_better_words_may_be_made(name: str) -> None:
    assert breaking_changes(SCHEMA, altered(*HARMLESS[name])) == []


@pytest.mark.parametrize("name", BREAKING)
def test_everything_else_needs_a_new_version(name: str) -> None:
    assert breaking_changes(SCHEMA, altered(*BREAKING[name])) != []
