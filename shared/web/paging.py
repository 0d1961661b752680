"""Keyset paging: a cursor is the sort key of the last row, never an offset."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel
from pydantic_core import to_json

from shared.kernel.errors import DomainError

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
ItemT = TypeVar("ItemT")
Limit = Annotated[int, Query(ge=1, le=200, description="每页条数")]
CursorText = Annotated[str | None, Query(max_length=500, description="上一页返回的 next")]


class BadCursor(DomainError):
    """The cursor is not one of ours."""

    code = "bad_cursor"


class Page(BaseModel, Generic[ItemT]):
    """One page of a list; `next` is the cursor of the following page, null at the end."""

    items: list[ItemT]
    next: str | None


def page_of(items: list[dict[str, Any]], following: str | None) -> Response:
    """A Page as bytes. The rows come from our own database: no model reads them once more, so the
    route declares its `response_model` and a test holds the rows against it."""
    return Response(to_json({"items": items, "next": following}), media_type="application/json")


def encode_cursor(*keys: Any) -> str:
    """A cursor of the last row's sort keys (dates and ids as text)."""
    return base64.urlsafe_b64encode(json.dumps(keys, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[str]:
    """The sort keys of a cursor, as text. Raises BadCursor."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        keys = None
    if (
        not isinstance(keys, list)
        or len(keys) != length
        or not all(isinstance(key, str | int) for key in keys)
        or any(_UNSTORABLE.search(str(key)) for key in keys)
    ):
        raise BadCursor("分页游标无效")
    return [str(key) for key in keys]


def moment_key(cursor: str) -> tuple[datetime, UUID]:
    """The sort keys of a cursor by instant and id. Raises BadCursor."""
    instant, key = decode_cursor(cursor, 2)
    try:
        read = datetime.fromisoformat(instant), UUID(key)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error
    if read[0].tzinfo is None:
        raise BadCursor("分页游标无效")
    return read


def integer_key(key: str) -> int:
    """A sort key that is a 64-bit integer. Raises BadCursor."""
    try:
        number = int(key)
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise BadCursor("分页游标无效")
    return number


def cut_page(rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], bool]:
    """From `limit + 1` fetched rows: the page's rows, and whether more follow."""
    return rows[:limit], len(rows) > limit
