"""Errors on the wire: RFC 9457 problem documents with a stable code and a Chinese title.

Nothing a client sent is ever echoed, no exception text leaves the house.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared.kernel.errors import DomainError

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"

KNOWN: Final[dict[str, tuple[int, str]]] = {
    "not_found": (404, "没有找到"),
    "forbidden": (403, "没有权限"),
    "unauthenticated": (401, "请先登录"),
    "conflict": (409, "当前状态不允许该操作"),
    "illegal_step": (409, "当前状态不允许该操作"),
    "invalid": (422, "内容不符合要求"),
    "invalid_input": (422, "提交的内容不符合要求"),
    "bad_cursor": (400, "分页游标无效"),
    "malformed": (400, "请求格式错误"),
    "too_large": (413, "请求内容过大"),
    "rate_limited": (429, "操作过于频繁，请稍后再试"),
    "unavailable": (503, "服务暂不可用，请稍后再试"),
    "method_not_allowed": (405, "不支持该方法"),
    "internal": (500, "服务内部错误"),
}
"""code -> (status, title). Services add their own codes through `register_problems`."""


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


def problem(code: str, detail: str = "", **extra: Any) -> JSONResponse:
    """The answer for a code."""
    status, title = KNOWN.get(code, KNOWN["conflict"])
    body = {"type": f"urn:xinfang:problem:{code}", "title": title, "status": status, "code": code}
    if detail:
        body["detail"] = detail
    headers = {"Retry-After": "2"} if status in {429, 503} else None
    return JSONResponse(body | extra, status, headers=headers, media_type=MEDIA_TYPE)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: which error statuses it may answer with."""
    return {
        status: {
            "model": Problem,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {}},
        }
        for status in statuses
    }


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of an app in the one shape."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(OSError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _domain(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)  # noqa: S101  narrows for the type checker
    return problem(error.code, error.detail, **error.extra)


async def _validation(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "kind": each["type"]}
        for each in error.errors()[:20]
    ]
    if any(each["kind"] == "json_invalid" for each in fields):
        return problem("malformed")
    return problem("invalid_input", errors=fields)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = {404: "not_found", 405: "method_not_allowed", 401: "unauthenticated", 403: "forbidden"}
    return problem(code.get(error.status_code, "malformed"))


async def _database(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, OperationalError | PoolTimeout | OSError) or getattr(
        error, "connection_invalidated", False
    ):
        log.warning("web.database_unavailable", error=type(error).__name__)
        return problem("unavailable")
    return await _unexpected(_, error)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("web.unexpected", error=type(error).__name__, path=_template(request))
    return problem("internal")


def _template(request: Request) -> str:
    """The route's path template: ids in real paths don't belong into logs."""
    route = request.scope.get("route")
    return getattr(route, "path", "?")
