"""Columns that say from whom something is hidden: the organs an accusation complains of.

Mostly one; a report of retaliation has two, the organ it names and the one that handled the earlier
petition. One is stored as it is, several with spaces around each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_


def joined(*codes: str | None) -> str | None:
    """The organs as one value, each once, in the order given; None for none."""
    found = list(dict.fromkeys(code for code in codes if code))
    if len(found) > 1:
        return f" {' '.join(found)} "
    return found[0] if found else None


def accuses(column: Any, organs: Iterable[Any]) -> ColumnElement[bool]:
    """Condition: one of these organs (codes, or parameters) stands in the column. False or unknown
    where the column is empty."""
    codes: Sequence[Any] = sorted(organs) if isinstance(organs, (set, frozenset)) else list(organs)
    if not codes:
        return false()
    among = or_(*(column.contains(" " + code + " ") for code in codes))
    return or_(column.in_(codes), and_(column.startswith(" "), among))
