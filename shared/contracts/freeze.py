"""The contracts as JSON Schema, and what may still change once a schema has been frozen.

Frozen files hold what a reader must find in `data`. A frozen schema may gain optional members, new
values of a vocabulary and better words: every old event still satisfies it. (A reader older than a
new value parks the event until it is updated; the services are released together.) Everything else
needs a new version of the event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from shared.contracts.envelope import Envelope, EventData

JsonSchema = Mapping[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
WORDS: Final = frozenset({"title", "description", "examples", "deprecated", "$comment"})
"""Keywords that say something to people and nothing to programs."""


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of an event's data (or of the envelope), as a reader must find it."""
    name = model.TYPE if issubclass(model, EventData) else model.__name__.lower()
    return {
        "$schema": DIALECT,
        "$id": f"urn:xinfang:contract:{name}",
        **model.model_json_schema(mode="validation"),
    }


def schema_text(schema: JsonSchema) -> str:
    """The stable text of a schema file: sorted, indented, ending in a newline."""
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def envelope_schema() -> dict[str, Any]:
    """JSON Schema of the envelope around every event."""
    return schema_of(Envelope)


def breaking_changes(old: JsonSchema, new: JsonSchema) -> list[str]:
    """Why `new` may not replace the frozen `old`, one line each; empty when it may."""
    return list(_breaking(old, new, "data"))


def _breaking(old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
    for keyword in sorted((old.keys() | new.keys()) - WORDS):
        before, after = old.get(keyword), new.get(keyword)
        if keyword in {"properties", "$defs"}:
            yield from _of_members(before or {}, after or {}, place)
        elif keyword == "required":
            yield from _of_required(before or (), after or (), place)
        elif keyword == "enum" and before and after:
            yield from (f"{place}: {value!r} is gone" for value in before if value not in after)
        elif keyword == "anyOf" and before and after and len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from _breaking(one, other, f"{place}|{number}")
        elif isinstance(before, dict) and isinstance(after, dict) and keyword != "default":
            yield from _breaking(before, after, f"{place}[]")
        elif before != after:
            yield f"{place}: {keyword} changed"


def _of_members(old: JsonSchema, new: JsonSchema, place: str) -> Iterator[str]:
    for name, schema in old.items():
        if name in new:
            yield from _breaking(schema, new[name], f"{place}.{name}")
        else:
            yield f"{place}.{name} is gone"


def _of_required(old: Any, new: Any, place: str) -> Iterator[str]:
    yield from (f"{place}.{name} is now required" for name in sorted({*new} - {*old}))
    yield from (f"{place}.{name} is no longer required" for name in sorted({*old} - {*new}))
