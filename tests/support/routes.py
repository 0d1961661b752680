"""Every route of an app with what guards it, however it was included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from shared.web.deps import Allow


@dataclass(frozen=True)
class Endpoint:
    """One route; `guards` is None for a kind that has no dependencies (mounts, plain ASGI)."""

    path: str
    methods: frozenset[str]
    guards: tuple[Allow, ...] | None

    def __str__(self) -> str:
        return f"{'|'.join(sorted(self.methods))} {self.path}"


def endpoints(app: FastAPI) -> Iterator[Endpoint]:
    """All routes of an app."""
    for route in app.routes:
        for each in getattr(route, "effective_route_contexts", lambda route=route: [route])():
            dependant = getattr(each, "dependant", None)
            yield Endpoint(
                path=getattr(each, "path", "?"),
                methods=frozenset(getattr(each, "methods", None) or {"?"}),
                guards=tuple(_guards(dependant)) if dependant else None,
            )


def _guards(dependant: Any) -> Iterator[Allow]:
    if isinstance(dependant.call, Allow):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _guards(inner)
