"""Every name the platform shows or keeps: of filters, columns, members of events and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from services.deployment import SPECS
from shared.contracts.catalogue import CONTRACTS
from tests.rights.forbidden_words import CHINESE, COMPOUNDS, JUDGEMENTS, PERSON_KEYS

COMMON = set(SPECS[0].tables.__dataclass_fields__)


def columns() -> Iterator[tuple[str, str]]:
    """(table, column) of all services; tables every service has are named once, without it."""
    seen = set()
    for spec in SPECS:
        for table in spec.metadata.sorted_tables:
            label = table.name if table.name in COMMON else f"{spec.name}.{table.name}"
            for column in table.c:
                if (label, column.name) not in seen:
                    seen.add((label, column.name))
                    yield label, column.name


def event_members() -> Iterator[tuple[str, str]]:
    """(`Model.member`, member) of all contracts, however deep, with values of enumerations."""
    for contract in CONTRACTS:
        yield from _members(contract.__name__, contract.model_json_schema())


def answer_members(app: FastAPI) -> Iterator[tuple[str, str]]:
    """The same of every model in an OpenAPI document."""
    for name, model in app.openapi()["components"]["schemas"].items():
        yield from _members(
            name, {"properties": model.get("properties", {}), "enum": model.get("enum")}
        )


def filters(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(`METHOD /path?name`, name) of what can be asked for in paths, queries and headers."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                yield f"{method.upper()} {path}?{parameter['name']}", parameter["name"]


def _members(label: str, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, inner in schema.get("properties", {}).items():
        yield f"{label}.{name}", name
        for value in inner.get("enum", ()):
            yield f"{label}.{name}={value}", str(value)
    for value in schema.get("enum") or ():
        yield f"{label}={value}", str(value)
    for name, model in schema.get("$defs", {}).items():
        yield from _members(name, model)


def is_suspicious(name: str) -> bool:
    """Whether a name has a part that points at a person or judges one."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")
    parts = set(re.split(r"[^a-z]+", plain))
    return bool(
        parts & (PERSON_KEYS | JUDGEMENTS)
        or any(word in plain for word in COMPOUNDS)
        or any(word in name for word in CHINESE)
    )
