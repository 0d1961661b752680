"""Sort keys read back from cursors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from shared.web.paging import BadCursor, decode_cursor

KeyT = TypeVar("KeyT")


def id_key(cursor: str | None) -> UUID | None:
    """The id of a cursor by id alone. Raises BadCursor."""
    if not cursor:
        return None
    (key,) = decode_cursor(cursor, 1)
    return parsed(UUID, key)


def parsed(read: Callable[[str], KeyT], text: str) -> KeyT:
    """One sort key. Raises BadCursor."""
    try:
        return read(text)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error
