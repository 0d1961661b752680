"""Errors on the wire: RFC 9457 problem documents with a stable code and a Chinese title.

Nothing a client sent is ever echoed, no exception text leaves the house.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import Scope

from shared.db.failures import damage_of, is_unavailable, is_unstorable
from shared.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, kind_and_place

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"

KNOWN: Final[dict[str, tuple[int, str]]] = {
    "not_found": (404, "没有找到"),
    "forbidden": (403, "没有权限"),
    "unauthenticated": (401, "请先登录"),
    "conflict": (409, "当前状态不允许该操作"),
    "illegal_step": (409, "当前状态不允许该操作"),
    "proposal_open": (409, "已有待签批的拟办意见"),
    "stale_version": (409, "内容已被他人更新"),
    "rule_broken": (409, "不符合办理程序"),
    "invalid": (422, "内容不符合要求"),
    "idempotency_mismatch": (422, "幂等键已用于另一份请求"),
    "invalid_input": (422, "提交的内容不符合要求"),
    "bad_cursor": (400, "分页游标无效"),
    "malformed": (400, "请求格式错误"),
    "too_slow": (408, "请求超时"),
    "too_large": (413, "请求内容过大"),
    "address_too_long": (414, "请求地址过长"),
    "head_too_large": (431, "请求头过大"),
    "rate_limited": (429, "操作过于频繁，请稍后再试"),
    "unavailable": (503, "服务暂不可用，请稍后再试"),
    "store_damaged": (503, "数据存储受损，暂停办理，请联系系统管理员"),
    "method_not_allowed": (405, "不支持该方法"),
    "internal": (500, "服务内部错误"),
}
"""code -> (status, title). Services add their own codes through `register_problems`."""
COMMON: Final = dict(KNOWN)
"""The codes every service has."""


class Problem(BaseModel):
    """The one shape of every error answer (application/problem+json)."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""


def register_problems(codes: dict[str, tuple[int, str]]) -> None:
    """Add a service's own error codes to the table; a code has one meaning everywhere."""
    for code, meaning in codes.items():
        if KNOWN.setdefault(code, meaning) != meaning:
            raise ValueError(f"two meanings for the problem code {code}")


_HEADERS: Final[dict[int, dict[str, str]]] = {
    401: {"WWW-Authenticate": "Bearer"},
    503: {"Retry-After": "2"},
}
"""A refusal for asking too often says how long itself; how long something is away nobody knows, so
503 says when to look again."""
DAMAGE_RETRY_SECONDS = "60"
"""Nobody mends a damaged store sooner."""
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def problem(
    code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """The answer for a code; `extra` adds members and never replaces one of the shape."""
    status, title = KNOWN.get(code, KNOWN["conflict"])
    body = {"type": f"urn:xinfang:problem:{code}", "title": title, "status": status, "code": code}
    if detail:
        body["detail"] = detail
    return JSONResponse(
        body | jsonable_encoder(extra) | body,
        status,
        headers=_HEADERS.get(status, {}) | dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def problem_of(error: DomainError) -> JSONResponse:
    """The answer to a broken rule; for a use case that gives it back instead of raising it, so that
    its note of the refusal is kept."""
    wait = error.extra.get("retry_after")
    headers = None if wait is None else {"Retry-After": str(wait)}
    return problem(error.code, error.detail, headers=headers, **error.extra)


def unexpected(scope: Scope, error: Exception) -> JSONResponse:
    """The answer to what no rule foresaw; the log learns its kind and place, never its message."""
    if damage_of(error):
        log.error("web.store_damaged", error=kind_and_place(error), path=_template(scope))
        return problem("store_damaged", headers={"Retry-After": DAMAGE_RETRY_SECONDS})
    log.error("web.unexpected", error=kind_and_place(error), path=_template(scope))
    return problem("internal")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: which error statuses it may answer with."""
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in statuses
    }


_STATUSES: Final[tuple[tuple[type[DomainError], int], ...]] = (
    (NotFound, 404), (Forbidden, 403), (Conflict, 409), (Invalid, 422),
)  # fmt: skip
"""Of the kinds an act raises; each code of `KNOWN` has the status of its kind."""


UNPROCESSABLE: Final = 422
_OF_ANY_ROUTE: Final = {
    400: ("malformed",),
    403: ("forbidden",),
    404: ("not_found",),
    UNPROCESSABLE: ("invalid_input", "invalid", "idempotency_mismatch"),
}
"""Codes that the edge answers with for any route, beside those of the act."""


def refusals(*kinds: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route by the errors it raises: each status with its codes. What every
    route with a body may answer beside them is named too."""
    found: dict[int, list[str]] = {}
    for kind in kinds:
        of_kind = (status for base, status in _STATUSES if issubclass(kind, base))
        status = KNOWN[kind.code][0] if kind.code in KNOWN else next(of_kind)
        found.setdefault(status, []).append(kind.code)
    for status, codes in _OF_ANY_ROUTE.items():
        if status in found or status == UNPROCESSABLE:
            found.setdefault(status, []).extend(codes)
    return {
        status: {
            "model": Problem,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _of_codes(codes)}},
        }
        for status, codes in sorted(found.items())
    }


def _of_codes(codes: list[str]) -> dict[str, Any]:
    ref = {"$ref": "#/components/schemas/Problem"}
    return {"allOf": [ref, {"properties": {"code": {"enum": list(dict.fromkeys(codes))}}}]}


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of an app in the one shape."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for kind in (StatementError, PoolTimeout, OSError, OverflowError, UnicodeEncodeError):
        app.add_exception_handler(kind, _database)


async def _domain(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)  # noqa: S101  narrows for the type checker
    return problem_of(error)


async def _validation(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = error.errors()[:20]
    if any(each["type"] == "json_invalid" for each in found):
        return problem("malformed")
    return problem("invalid_input", errors=[_told(each) for each in found])


def _told(error: Mapping[str, Any]) -> dict[str, Any]:
    """One fault of the input: its field, and of a text (`bodies.StaffText`) what is wrong where."""
    told = {"field": _field(error), "kind": error["type"]}
    if error["type"].startswith("text_"):
        told |= error.get("ctx", {}) | {"detail": error["msg"]}
    return told


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = {404: "not_found", 405: "method_not_allowed", 401: "unauthenticated", 403: "forbidden"}
    return problem(code.get(error.status_code, "malformed"), headers=error.headers)


async def _database(request: Request, error: Exception) -> JSONResponse:
    if damage_of(error):
        return unexpected(request.scope, error)
    if is_unavailable(error):
        log.warning("web.database_unavailable", error=type(error).__name__)
        return problem("unavailable")
    if is_unstorable(error):
        log.warning("web.unstorable", error=kind_and_place(error), path=_template(request.scope))
        return problem("invalid")
    return unexpected(request.scope, error)


def _field(error: Mapping[str, Any]) -> str:
    """Where in the input, in our own names only: a client's member names are input too."""
    *path, last = [str(part) for part in error["loc"][1:]] or [""]
    if error["type"] == "extra_forbidden":
        last = "?"
    known = (part if not part or part.isdecimal() or _FIELD.fullmatch(part) else "?"
             for part in (*path, last))  # fmt: skip
    return ".".join(known)


def _template(scope: Scope) -> str:
    """The route's path template: ids in real paths don't belong into logs."""
    return getattr(scope.get("route"), "path", "?")
