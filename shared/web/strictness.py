"""Plain ASGI middleware: correlation id, limits, and JSON that means one thing only.

Refused before any model sees it: bodies over the limit or too slow in coming, JSON with NaN or
Infinity, duplicate members, lone surrogates, NUL, absurd nesting or numbers, text that is not
UTF-8, and NUL in a path or query. What a route did not expect to raise is answered here too, so
that the answer has its correlation id and the server never logs a message that quotes values.
Every answer tells browsers not to guess its type, not to run or frame anything of it and not to
send its address on, and, unless the route says otherwise, tells everybody not to keep it: most
answers are about somebody.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.ids import new_id
from shared.web.body_limits import BodyLimits
from shared.web.problems import problem, unexpected

BODY_SECONDS: Final = 30.0
"""How long a whole body may take; the largest one allowed needs 270 kbit/s."""
MAX_DEPTH: Final = 100
MOST_REQUESTS: Final = 256
"""So many requests of a process may be under way; each may hold a body and waits for one of few
connections to the database. Questions of an orchestrator are answered beyond it."""
BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods whose requests have no body; one that comes all the same is not read."""
_HEALTH: Final = frozenset({"/live", "/ready"})
CACHING: Final = (b"cache-control", b"no-store")
POLICY: Final = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
)
_UNLESS_GIVEN: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    CACHING,
    POLICY,
)
_CORRELATION = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_INTEGERS = range(-(2**63), 2**63)  # no column holds more
_MAX_DIGITS = 20

Header = tuple[bytes, bytes]


class Refused(Exception):
    """The request goes no further; `code` is the problem's code, `extra` its further members."""

    def __init__(self, code: str, detail: str = "", **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.extra = extra


class ClientGone(Exception):
    """The client left before its body was whole; there is nobody to answer."""


class StrictRequests:
    """Wraps an app; see the module."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: BodyLimits,
        body_seconds: float = BODY_SECONDS,
        most_requests: int = MOST_REQUESTS,
    ) -> None:
        self._app = app
        self._limits = limits
        self._seconds = body_seconds
        self._most = most_requests
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = _correlation_id(scope)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _headers(message.get("headers", ()), correlation_id)
            await send(message)

        self._under_way += 1
        try:
            await self._app(scope, await self._checked(scope, receive), send_with_id)
        except ClientGone:
            return
        except Refused as refused:
            answer = problem(refused.code, refused.detail, **refused.extra)
            await answer(scope, receive, send_with_id)
        except Exception as error:
            if started:
                raise
            await unexpected(scope, error)(scope, receive, send_with_id)
        finally:
            self._under_way -= 1

    async def _checked(self, scope: Scope, receive: Receive) -> Receive:
        """What the app receives from: the same, or the body once more after it was judged."""
        if self._under_way > self._most and scope["path"] not in _HEALTH:
            raise Refused("unavailable")
        if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
            raise Refused("malformed")
        if scope["method"] in BODILESS:
            return receive
        most = self._limits.of(scope["method"], scope["path"])
        _judge_length(_values(scope, b"content-length"), most)
        try:
            async with asyncio.timeout(self._seconds):
                body = await _read(receive, most)
        except TimeoutError:
            raise Refused("too_slow") from None
        kinds = _values(scope, b"content-type") or [b"json"]
        if body and any(b"json" in kind.lower() for kind in kinds) and not _is_strict(body):
            raise Refused("malformed")
        return _replay(body, receive)


def _judge_length(declared: Sequence[bytes], most: int) -> None:
    if not all(length.isdigit() for length in declared):
        raise Refused("malformed")
    if any(len(length) > _MAX_DIGITS or int(length) > most for length in declared):
        raise _too_large(most)


async def _read(receive: Receive, most: int) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _too_large(most: int) -> Refused:
    return Refused("too_large", f"请求内容不得超过 {most} 字节", limit_bytes=most)


def _headers(given: Iterable[Header], correlation_id: str) -> list[Header]:
    """The headers of an answer, with what every one has."""
    headers = [*given, (b"x-correlation-id", correlation_id.encode())]
    names = {name for name, _ in headers}
    headers += [each for each in _UNLESS_GIVEN if each[0] not in names]
    return headers


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]


def _correlation_id(scope: Scope) -> str:
    for value in _values(scope, b"x-correlation-id"):
        given = value.decode("latin-1")
        if _CORRELATION.fullmatch(given):
            return given
    return str(new_id())


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
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_int=_bounded,
            parse_float=_bounded_float,
        )
    except (ValueError, RecursionError):
        return False
    # Only an escape can bring in a surrogate or NUL; only that many brackets nest too deep.
    suspect = b"\\u" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH
    return not suspect or _is_clean(value)


def _is_clean(value: Any) -> bool:
    """Whether all texts are storable and nothing nests too deep; without recursion."""
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, str):
            if _FORBIDDEN.search(each):
                return False
        elif isinstance(each, dict | list):
            if depth >= MAX_DEPTH:
                return False
            waiting.extend((inner, depth + 1) for inner in each)
            if isinstance(each, dict):
                waiting.extend((inner, depth + 1) for inner in each.values())
    return True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate member")
    return result


def _refuse(_: str) -> Any:
    raise ValueError("not a JSON number")


def _bounded(digits: str) -> int:
    if len(digits) > _MAX_DIGITS or (value := int(digits)) not in _INTEGERS:
        raise ValueError("number too large")
    return value


def _bounded_float(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise ValueError("number too large")
    return value
