"""docs/events.md: every event with its meaning, producer, consumers, fields and an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from shared.contracts.catalogue import CONTRACTS
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.freeze import JsonSchema, envelope_schema, schema_of

HEAD: Final = """# Events

Written by `make contracts` from `shared/contracts` and the services' subscriptions; don't edit.

Every event travels in an [envelope](#envelope). The event type is also the routing key. Events of
one subject are ordered by (`epoch`, `sequence`); each carries whole facts, so of two the higher
wins. Readers ignore members they don't know. How a contract may change is told in
CONTRIBUTING.md; the frozen JSON Schemas are in `contracts/events/`.
"""


def meaning(contract: type[EventData]) -> str:
    """The contract's own docstring; empty when it has none (an inherited one does not count)."""
    return inspect.cleandoc(contract.__doc__ or "")


def events_page(consumers: Mapping[str, Iterable[str]], samples: Mapping[str, str]) -> str:
    """The page; `consumers` is event type -> services, `samples` event type -> JSON text."""
    readers = {kind: sorted(names) for kind, names in consumers.items()}
    structures: dict[str, JsonSchema] = {}
    for contract in CONTRACTS:
        structures.update(schema_of(contract).get("$defs", {}))
    lines = [
        HEAD,
        *_index(readers),
        *_envelope(),
        "## Event types\n",
        *(line for each in CONTRACTS for line in _section(each, readers, samples)),
        "## Structures\n",
        *(line for name in sorted(structures) for line in _structure(name, structures[name])),
        "## Vocabularies\n",
        *(line for name in sorted(structures) for line in _vocabulary(name, structures[name])),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _index(readers: Mapping[str, list[str]]) -> Iterator[str]:
    yield "| Event | Meaning | Producer | Consumers |"
    yield "|---|---|---|---|"
    for contract in CONTRACTS:
        kind, gist = contract.TYPE, _one_line(meaning(contract).split("\n\n", 1)[0])
        who = ", ".join(readers.get(kind, []))
        yield f"| [`{kind}`](#{_anchor(kind)}) | {gist} | {contract.producer()} | {who} |"
    yield ""


def _envelope() -> Iterator[str]:
    yield "## Envelope\n"
    yield inspect.cleandoc(Envelope.__doc__ or "") + "\n"
    yield from _fields(envelope_schema())


def _section(
    contract: type[EventData], readers: Mapping[str, list[str]], samples: Mapping[str, str]
) -> Iterator[str]:
    kind = contract.TYPE
    yield f"### {kind}\n"
    yield meaning(contract) + "\n"
    who = ", ".join(readers.get(kind, [])) or "nobody"
    key = "the matter" if contract.is_of_matter() else "the subject"
    yield (
        f"Producer: {contract.producer()}. Consumers: {who}. Subject: `{contract.SUBJECT}/…`. "
        f"Partition key: {key}.\n"
    )
    yield from _fields(schema_of(contract))
    yield f"```json\n{samples[kind].strip()}\n```\n"


def _structure(name: str, schema: JsonSchema) -> Iterator[str]:
    if "properties" in schema:
        yield f"### {name}\n"
        yield schema.get("description", "") + "\n"
        yield from _fields(schema)


def _vocabulary(name: str, schema: JsonSchema) -> Iterator[str]:
    if "enum" in schema:
        yield f"### {name}\n"
        yield schema.get("description", "") + "\n"
        yield ", ".join(f"`{value}`" for value in schema["enum"]) + "\n"


def _fields(schema: JsonSchema) -> Iterator[str]:
    yield "| Field | Type | Required | Description |"
    yield "|---|---|---|---|"
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        must = "yes" if name in required else "no"
        words = _one_line(field.get("description", ""))
        yield f"| `{name}` | {_type(field)} | {must} | {words} |"
    yield ""


def _type(field: JsonSchema) -> str:
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{_anchor(name)})"
    if "anyOf" in field:
        return " or ".join(_type(choice) for choice in field["anyOf"])
    if field["type"] == "array":
        return f"list of {_type(field['items'])}"
    inner: Any = field.get("additionalProperties")
    if isinstance(inner, dict):
        return f"map to {_type(inner)}"
    form = field.get("format")
    return f"{field['type']} ({form})" if form else str(field["type"])


def _anchor(heading: str) -> str:
    """The anchor Markdown renderers give a heading."""
    return heading.lower().replace(".", "")


def _one_line(words: str) -> str:
    return " ".join(words.split()).replace("|", r"\|")
