"""Plain ASGI middleware: correlation id, body limit, and JSON that means one thing only.

Refused before any model sees it: bodies over the limit, JSON with NaN or Infinity, duplicate
members, lone surrogates, NUL, absurd nesting or numbers, or text that is not UTF-8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.ids import new_id
from shared.web.problems import problem

_CORRELATION = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_MAX_DIGITS = 400


class TooLarge(Exception):
    """The body is over the limit."""


class StrictRequests:
    """Wraps an app; see the module."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {key.lower(): value for key, value in scope["headers"]}
        correlation_id = _correlation_id(headers)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).append(
                    (b"x-correlation-id", correlation_id.encode())
                )
            await send(message)

        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send_with_id)
            return
        try:
            body = await self._read(headers, receive)
        except TooLarge:
            await problem("too_large")(scope, receive, send_with_id)
            return
        if b"json" in headers.get(b"content-type", b"json") and body and not _is_strict(body):
            await problem("malformed")(scope, receive, send_with_id)
            return
        await self._app(scope, _replay(body, receive), send_with_id)

    async def _read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared[:12]) > self._max:
            raise TooLarge
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                break
            part = message.get("body", b"")
            size += len(part)
            if size > self._max:
                raise TooLarge
            parts.append(part)
            if not message.get("more_body", False):
                break
        return b"".join(parts)


def _correlation_id(headers: Mapping[bytes, bytes]) -> str:
    given = headers.get(b"x-correlation-id", b"").decode("latin-1")
    return given if _CORRELATION.fullmatch(given) else str(new_id())


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _is_strict(body: bytes) -> bool:
    try:
        json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_int=_bounded,
            parse_float=_bounded_float,
        )
    except (ValueError, RecursionError):
        return False
    return not _has_forbidden(body)


def _has_forbidden(body: bytes) -> bool:
    if b"\\u" not in body and b"\x00" not in body:
        return False
    return _walk(json.loads(body))


def _walk(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_FORBIDDEN.search(value))
    if isinstance(value, dict):
        return any(_walk(key) or _walk(each) for key, each in value.items())
    if isinstance(value, list):
        return any(_walk(each) for each in value)
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate member")
    return result


def _refuse(_: str) -> Any:
    raise ValueError("not a JSON number")


def _bounded(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("number too long")
    return int(digits)


def _bounded_float(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise ValueError("number too large")
    return value
