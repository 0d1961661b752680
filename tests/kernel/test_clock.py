"""The clock port: shifted by a file in test mode, standing still in tests."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.kernel.clock import FixedClock, OffsetClock, SystemClock


def test_the_offset_file_shifts_now_and_foreign_instants_alike(tmp_path: Path) -> None:
    file = tmp_path / "offset"
    clock = OffsetClock(file)
    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=5)
    for n, seconds in enumerate((86_400 * 90, -3600.5)):
        file.write_text(str(seconds))
        os.utime(file, ns=(n, n))
        shift = timedelta(seconds=seconds)
        assert abs(clock.now() - SystemClock().now() - shift) < timedelta(seconds=5)
        assert (
            clock.align(datetime(2026, 1, 1, tzinfo=UTC))
            == datetime(2026, 1, 1, tzinfo=UTC) + shift
        )
    file.unlink()
    assert clock.offset() == timedelta(0)


def test_an_offset_file_without_a_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "offset").write_text("soon")
    with pytest.raises(ValueError, match="soon"):
        OffsetClock(tmp_path / "offset").now()


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime.fromisoformat("2026-11-22T23:59:59+08:00"))
    assert clock.now().tzinfo is UTC
    assert clock.today() == date(2026, 11, 22)
    clock.advance(timedelta(seconds=1))
    assert clock.today() == date(2026, 11, 23)
    assert FixedClock(clock.now(), "UTC").today() == date(2026, 11, 22)
    assert clock.monotonic() == 1.0
    clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2020, 1, 1, tzinfo=UTC)


def test_a_clock_refuses_a_naive_instant() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 1, 1))  # noqa: DTZ001
