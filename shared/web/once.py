"""A change asked for twice happens once: `Idempotency-Key` on every route that changes something.

The answer is kept under a digest of the key, in the transaction of the change itself. Nobody looks
for it before a request is tried: the first answer's key refuses the second request's rows, and a
request that is refused because its first try has already changed things gets the first answer too.
So a key costs a first request one more row and no more statements.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Coroutine
from contextlib import AsyncExitStack
from hashlib import sha256
from typing import Any, Final, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import IntegrityError

from shared.db.stored_answers import StoredAnswer, answer_under
from shared.kernel.errors import DomainError, Forbidden, TooOften, Unavailable
from shared.web.deps import Allow, open_unit, service_of
from shared.web.request_keys import AnswerCipher, RequestKey, cipher_of, space_of
from shared.web.security import Caller
from shared.web.tokens import Unauthenticated

HEADER: Final = "Idempotency-Key"
SHORTEST, LONGEST = 8, 200
REPLAYED: Final = "Idempotency-Replayed"
TRIES: Final = 3
"""How often a change is tried that another one's rows keep from being written."""
CHANGING: Final = frozenset(("POST", "PUT", "PATCH", "DELETE"))
KEPT_HEADERS: Final = ("content-type", "cache-control", "location", "referrer-policy")
MULTIPLE_CHOICES = 300

_PARAMETER: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {
        "anyOf": [
            {"type": "string", "minLength": SHORTEST, "maxLength": LONGEST},
            {"type": "null"},
        ],
        "title": HEADER,
        "description": (
            "每次请求随机生成（如 UUID），重试时键和内容都不变：只生效一次，重试得到第一次的答复；"
            "勿外传"
        ),
    },
}
_PARAMETER["description"] = _PARAMETER["schema"]["description"]  # type: ignore[index]

EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])


class IdempotencyMismatch(DomainError):
    """The key was used before for another request."""

    code = "idempotency_mismatch"


def repeatable(why: str) -> Callable[[EndpointT], EndpointT]:
    """Under a route decorator: this one takes no key, because `why`."""

    def mark(endpoint: EndpointT) -> EndpointT:
        endpoint.repeatable = why  # type: ignore[attr-defined]
        return endpoint

    return mark


class Once(APIRoute):
    """A route whose change happens once per key.

    Also the edge that tries again: rows that another request's rows refuse are a new try of the
    whole use case, which then sees what is there."""

    as_ever: tuple[type[Exception], ...] = (Unauthenticated, Forbidden, TooOften, Unavailable)
    """Refusals that say nothing of the request itself: they are answered as they are."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **named: Any) -> None:
        methods = set(named.get("methods") or ("GET",))
        self.takes_key = bool(methods & CHANGING) and not hasattr(endpoint, "repeatable")
        if self.takes_key and self.has_header:
            extra = dict(named.get("openapi_extra") or {})
            extra["parameters"] = [*extra.get("parameters", ()), _PARAMETER]
            named["openapi_extra"] = extra
        super().__init__(path, endpoint, **named)
        calls = [each.call for each in self.dependant.dependencies]
        self._guards = [call for call in calls if isinstance(call, Allow)]
        self._has_unit = open_unit in calls

    has_header = True
    """Whether the key comes in `Idempotency-Key`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, tried within the key's promise."""
        handle = super().get_route_handler()
        if not (self.methods or set()) & CHANGING:
            return handle

        async def handler(request: Request) -> Response:
            self.check_header(request)
            if not self._has_unit and (first := await self._known(request)) is not None:
                return first
            for _ in range(TRIES):
                try:
                    return await self._attempt(handle, request)
                except IntegrityError:
                    first = await self._first(request, is_strict=True)
                    if first is not None:
                        return first
                except (RequestValidationError, DomainError) as refusal:
                    if isinstance(refusal, self.as_ever):
                        raise
                    first = await self._first(request, is_strict=False)
                    if first is None:
                        raise
                    return first
            raise Unavailable("系统繁忙，请稍后再试")

        return handler

    async def _known(self, request: Request) -> Response | None:
        """The first answer of a route whose changes are several units: nothing there refuses the
        whole request a second time. Raises what the route's guards raise."""
        if not self.takes_key or HEADER not in request.headers:
            return None
        for guard in self._guards:
            await guard(request)
        return await self._first(request, is_strict=True)

    def check_header(self, request: Request) -> None:
        """Raises RequestValidationError for a key that is too short or too long."""
        key = request.headers.get(HEADER)
        if self.takes_key and key is not None and not SHORTEST <= len(key) <= LONGEST:
            kind = "string_too_short" if len(key) < SHORTEST else "string_too_long"
            raise RequestValidationError([{"type": kind, "loc": ("header", HEADER), "msg": kind}])

    def key_of(self, request: Request) -> RequestKey | None:
        """The key of this request; None without one, or while it is not known whose it is."""
        key = request.headers.get(HEADER)
        caller: Caller | None = getattr(request.state, "caller", None)
        if not self.takes_key or key is None or caller is None:
            return None
        return RequestKey(space_of(caller), key)

    def line_of(self, request: Request) -> str:
        """What tells one route's requests from another's: part of a request's digest."""
        return f"{request.method} {request.url.path}"

    def earlier_digests(self, body: bytes) -> Collection[str]:  # noqa: ARG002
        """Digests that releases before stored for the same request."""
        return ()

    def earlier_answer(self, text: str) -> Response:
        """The answer out of a text that a release before kept."""
        raise NotImplementedError(text[:0])

    async def _attempt(
        self, handle: Callable[[Request], Coroutine[Any, Any, Response]], request: Request
    ) -> Response:
        """Handle the request and commit; the answer is kept with the change."""
        outer = request.scope["fastapi_function_astack"]
        try:
            async with AsyncExitStack() as stack:
                # Units of work end with this stack: a commit that is refused is met here.
                request.scope["fastapi_function_astack"] = stack
                response = await handle(request)
                await self._keep(request, response)
            return response
        finally:
            request.scope["fastapi_function_astack"] = outer

    async def _keep(self, request: Request, response: Response) -> None:
        key = self.key_of(request)
        if key is None or response.status_code >= MULTIPLE_CHOICES:
            return
        service = service_of(request)
        row = await self._row(request, response, key, cipher_of(service))
        row["stored_at"] = service.clock.now()
        table = service.tables.stored_answer
        if self._has_unit:
            request.state.unit.add(table, row)
            return
        async with service.units.begin() as unit:
            unit.add(table, row)

    async def _row(
        self, request: Request, response: Response, key: RequestKey, cipher: AnswerCipher
    ) -> dict[str, Any]:
        digest = key.digest(cipher)
        told = {
            "status": response.status_code,
            "headers": {
                name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
            },
            "body": bytes(response.body).decode(),
        }
        return {
            "key": digest,
            "request": self._digest(request, await request.body()),
            "answer": cipher.conceal(digest, json.dumps(told, ensure_ascii=False)),
        }

    async def _first(self, request: Request, *, is_strict: bool) -> Response | None:
        """The answer kept for this very request. With `is_strict`, another request under the same
        key raises IdempotencyMismatch; else it is as if none were kept."""
        key = self.key_of(request)
        if key is None:
            return None
        service = service_of(request)
        cipher = cipher_of(service)
        digest = key.digest(cipher)
        async with service.database.reading() as session:
            kept = await answer_under(session, service.tables.stored_answer, digest)
        if kept is None:
            return None
        body = await request.body()
        if kept.request != self._digest(request, body) and (
            kept.request not in self.earlier_digests(body)
        ):
            if is_strict:
                raise IdempotencyMismatch("同一个幂等键已用于另一份请求")
            return None
        return self._again(cipher, digest, kept)

    def _again(self, cipher: AnswerCipher, digest: str, kept: StoredAnswer) -> Response:
        text = cipher.reveal(digest, kept.answer)
        told = json.loads(text)
        if "status" not in told:
            return self.earlier_answer(text)
        body = told["body"].encode()
        return Response(body, told["status"], headers=told["headers"] | {REPLAYED: "true"})

    def _digest(self, request: Request, body: bytes) -> str:
        return sha256(f"{self.line_of(request)}\n".encode() + body).hexdigest()


class Router(APIRouter):
    """The router of this house: every route that changes something takes a key."""

    def __init__(self, *, route_class: type[Once] = Once, **named: Any) -> None:
        super().__init__(route_class=route_class, **named)
