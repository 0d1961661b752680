"""How large a body may be, route by route: small, unless the route says that it takes more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from starlette.routing import compile_path

DEFAULT_BYTES: Final = 262_144
"""The longest text of a petition (20,000 characters), each character escaped in JSON, and the rest
of a form."""
LARGE_BYTES: Final = 1_000_000
"""Many rows or a whole file in one body."""
_NAME: Final = "__body_limit__"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def body_limit(most: int) -> Callable[[Endpoint], Endpoint]:
    """Let a route take bodies of up to `most` bytes; stands under the decorator of the route."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _NAME, most)
        return endpoint

    return declare


@dataclass(frozen=True, slots=True)
class _Declared:
    methods: frozenset[str]
    path: re.Pattern[str]
    most: int


class BodyLimits:
    """The limits of an app: those its routes declare, never above the deployment's own."""

    def __init__(self, *, most: int, default: int = DEFAULT_BYTES) -> None:
        self._most = most
        self._default = min(default, most)
        self._declared: list[_Declared] = []

    def declare(self, routes: Iterable[Any]) -> None:
        """Take the limits that these routes declare."""
        for route in routes:
            limit = getattr(getattr(route, "endpoint", None), _NAME, None)
            if limit is not None:
                path, _, _ = compile_path(route.path)
                methods = frozenset(route.methods or ())
                self._declared.append(_Declared(methods, path, min(limit, self._most)))

    def of(self, method: str, path: str) -> int:
        """The most bytes a request may bring; of a path that is no route's the default."""
        for each in self._declared:
            if method in each.methods and each.path.match(path):
                return each.most
        return self._default
