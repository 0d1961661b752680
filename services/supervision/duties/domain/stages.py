"""What happens to a running duty next, and when: warnings, then the due instant.

A warning with d days left is reached when the d-th day before the last day ends. Warnings that
were missed are merged into the newest one; after the due instant there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from services.supervision.duties.domain.duty import Due, Duty
from shared.kernel.workdays import due_instant
from shared.vocabulary.duties import DutyState


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning to give now: the stage reached, and the earlier stages it stands for as well."""

    days_left: int
    merged: tuple[int, ...]


def warnings_of(duty: Duty) -> tuple[tuple[int, datetime], ...]:
    """(days left, instant) of the warnings a duty has, earliest first.

    None for silent duties, and none that would be due on the very day the duty began.
    """
    if duty.silent:
        return ()
    return _warnings(duty.terms.started_on, duty.due, duty.warn_days, duty.terms.zone)


@lru_cache(maxsize=4096)  # duties told or started on one day mostly share their dates
def _warnings(
    started_on: date, due: Due, warn_days: tuple[int, ...], zone: str
) -> tuple[tuple[int, datetime], ...]:
    begun = due_instant(started_on, zone)
    plan = (
        (days, due_instant(due.last_day - timedelta(days=days), zone))
        for days in sorted(warn_days, reverse=True)
    )
    return tuple((days, at) for days, at in plan if begun <= at < due.at)


def next_at(duty: Duty) -> datetime | None:
    """When somebody must look at the duty again; None when nothing more will happen by itself."""
    if duty.state is not DutyState.RUNNING:
        return None
    return next((at for days, at in warnings_of(duty) if _still_ahead(duty, days)), duty.due.at)


def warning_due(duty: Duty, now: datetime) -> Warned | None:
    """The warning to give at `now`, None when none is due or the duty already is."""
    if duty.state is not DutyState.RUNNING or now >= duty.due.at:
        return None
    reached = [days for days, at in warnings_of(duty) if at <= now and _still_ahead(duty, days)]
    if not reached:
        return None
    return Warned(days_left=min(reached), merged=tuple(sorted(reached, reverse=True)))


def _still_ahead(duty: Duty, days: int) -> bool:
    return duty.warned_days is None or days < duty.warned_days
