"""Every route of an app with what guards it, and an OpenAPI document that says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from shared.web.deps import Allow
from shared.web.problems import MEDIA_TYPE
from shared.web.security import ScopeKind
from shared.web.strictness import BODILESS

_BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


@dataclass(frozen=True)
class Endpoint:
    """One route; `guards` is None for a kind that has no dependencies (mounts, plain ASGI)."""

    path: str
    methods: frozenset[str]
    guards: tuple[Allow, ...] | None

    def __str__(self) -> str:
        return f"{'|'.join(sorted(self.methods))} {self.path}"


def endpoints(app: FastAPI) -> Iterator[Endpoint]:
    """All routes of an app, however they were included."""
    for route in app.routes:
        included = getattr(route, "effective_route_contexts", None)
        for each in included() if included else (route,):
            dependant = getattr(each, "dependant", None)
            yield Endpoint(
                path=getattr(each, "path", "?"),
                methods=frozenset(getattr(each, "methods", None) or {"?"}),
                guards=tuple(_guards(dependant)) if dependant else None,
            )


class GuardedApp(FastAPI):
    """An app whose OpenAPI document tells who may call what (`x-roles`, `x-scope`), that tokens
    are bearer tokens, and that errors are problem documents."""

    _completed: dict[str, Any] | None = None

    def openapi(self) -> dict[str, Any]:
        """The document; completed once."""
        document = super().openapi()
        if document is not self._completed:
            document.setdefault("components", {})["securitySchemes"] = {"bearer": _BEARER}
            for endpoint in endpoints(self):
                for method in endpoint.methods:
                    operation = document["paths"].get(endpoint.path, {}).get(method.lower())
                    if operation:
                        _complete(operation, endpoint, reads_body=method not in BODILESS)
            self._completed = document
        return document


def _complete(operation: dict[str, Any], endpoint: Endpoint, *, reads_body: bool) -> None:
    if reads_body:
        operation["responses"] |= {
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
            }
            for status in (408, 413)
        }
    for guard in endpoint.guards or ():
        operation["x-roles"] = sorted(guard.roles)
        operation["x-scope"] = str(guard.scope)
        anybody: list[dict[str, list[str]]] = [{}] if guard.scope is ScopeKind.PUBLIC else []
        if guard.roles:
            operation["security"] = [*anybody, {"bearer": []}]
    for answer in operation["responses"].values():
        content = answer.get("content", {})
        if content.get("application/json", {}).get("schema") == _PROBLEM:
            codes = content.get(MEDIA_TYPE, {"schema": _PROBLEM})  # of a route that names them
            answer["content"] = {MEDIA_TYPE: codes}


def _guards(dependant: Any) -> Iterator[Allow]:
    if isinstance(dependant.call, Allow):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _guards(inner)
