"""What is only like a number, a truth or a date is none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.web.bodies import Day, Flag, Instant, Whole

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "meant"),
    [
        (Whole, 3, 3),
        (Flag, True, True),
        (Day, "2026-03-02", date(2026, 3, 2)),
        (Day, date(2026, 3, 2), date(2026, 3, 2)),
        (Instant, "2026-03-02T12:00:00+08:00", NOON),
        (Instant, "2026-03-02T04:00:00Z", NOON),
    ],
)
def test_what_is_meant_is_taken(kind: Any, value: object, meant: object) -> None:
    assert TypeAdapter(kind).validate_python(value) == meant


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Whole, "3"), (Whole, True), (Whole, 3.5), (Flag, "yes"), (Flag, 1), (Flag, "true"),
        (Day, 0), (Day, 86_400.0), (Day, "0"), (Day, "-86400"), (Day, True), (Day, "2026-02-30"),
        (Instant, 9127), (Instant, "9127"), (Instant, "-1"), (Instant, False),
        (Instant, "2026-03-02T12:00:00"),
    ],
)  # fmt: skip
def test_what_is_only_like_it_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)
