"""Columns of dimensions, of a petition's attributes and of measures, as the registry has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, get_type_hints

from sqlalchemy import Boolean, Column, Date, Integer, String, Text

from services.analytics.registry.domain.dimensions import DIMENSIONS
from services.analytics.registry.domain.measures import ATTRIBUTES, NAMES, Fact

_TYPES: dict[Any, tuple[Any, bool]] = {
    bool: (Boolean(), False),
    int: (Integer(), False),
    date: (Date(), False),
    date | None: (Date(), True),
    str | None: (Text(), True),
}
"""Type of a value -> type of its column, and whether it may be null."""


def dimension_columns(*, key: bool, only: Iterable[str] | None = None) -> Iterator[Column[Any]]:
    """Columns of all dimensions, or only those named, as part of the primary key or not."""
    for each in DIMENSIONS:
        if only is None or each.column in only:
            kind = String(each.length) if each.length else _TYPES[each.type][0]
            yield Column(each.column, kind, primary_key=key, nullable=False, autoincrement=False)


def attribute_columns() -> Iterator[Column[Any]]:
    """Columns of a petition's attributes."""
    types = get_type_hints(Fact)
    for name in ATTRIBUTES:
        kind, nullable = _TYPES[types[name]]
        yield Column(name, kind, nullable=nullable)


def measure_columns() -> Iterator[Column[Any]]:
    """Columns of all measures."""
    for name in NAMES:
        yield Column(name, Integer, nullable=False)
