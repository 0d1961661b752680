"""What a watcher does when time is up: overdue and lapsed, raising, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from uuid import UUID

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import Alarm
from services.supervision.duties import outgoing
from services.supervision.duties.domain.duty import Duty, DutyKey
from services.supervision.duties.domain.raising import (
    Holder,
    Ladder,
    Told,
    is_raised,
    raised_from,
    told,
)
from services.supervision.duties.domain.reconciliation import Change
from services.supervision.duties.domain.stages import Warned, warning_due
from services.supervision.duties.store import duties
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.crash_points import CrashPoint, reach
from shared.kernel.workdays import local_date
from shared.reference.editions import Reference
from shared.reference.limits import LimitMissing
from shared.vocabulary.duties import AlarmCode

BATCH = 1000
RAISED = "raised"
"""Subject of the alarm about superiors' duties without a limit."""


async def fire(
    uow: UnitOfWork, now: datetime, *, limit: int = BATCH, only: UUID | None = None
) -> list[Duty]:
    """Fire up to `limit` duties that are due for something at `now`; the duties fired.

    Those whose time is up come first. Safe to run in any number of processes at once and to
    repeat: a row is fired by whoever has locked it, and then no longer looks due.
    """
    fired = await duties.fire_due(uow.session, now, limit=limit, only=only)
    if fired:
        reach(CrashPoint.WATCHER_UPDATED)
        await _tell_superiors(uow, fired, now)
    if len(fired) < limit:
        fired += await _warn(uow, now, limit=limit - len(fired), only=only)
    return fired


async def raise_untold(uow: UnitOfWork, overdue: Sequence[Duty]) -> bool:
    """Give superiors the duties there was no limit for when these became overdue; whether there is
    a limit now."""
    raised = await _raise(uow, overdue, uow.clock.now())
    outgoing.record_changes(uow, raised.changes)
    return not any(alarm.code is AlarmCode.LIMIT_MISSING for alarm in raised.alarms)


async def _tell_superiors(uow: UnitOfWork, fired: Sequence[Duty], now: datetime) -> None:
    raised = await _raise(uow, fired, now)
    unanswered = [_unanswered() for duty in fired if duty.silent]
    await alarms.sound(uow.session, [*unanswered, *raised.alarms], at=now)
    for duty in fired:
        superior = raised.superiors.get(duty.key.duty_id)
        outgoing.record_fired(uow, duty, noticed_at=now, raised_to=superior)
    outgoing.record_changes(uow, raised.changes)


@dataclass(slots=True)
class _Raised:
    """Who was told of which overdue duty, the superiors' duties, and what stood in the way."""

    superiors: dict[UUID, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)


async def _raise(uow: UnitOfWork, overdue: Sequence[Duty], now: datetime) -> _Raised:
    ladder, done = ladder_of(uow.reference), _Raised()
    raised: dict[DutyKey, Duty] = {}
    today = local_date(now, uow.clock.zone)

    @cache  # a batch tells few organs of many duties
    def owes(holder: Holder, zone: str) -> Told:
        limits, calendar = uow.reference.limits, uow.reference.calendar
        return told(holder, zone=zone, limits=limits, calendar=calendar, today=today)

    for duty in overdue:
        if not is_raised(duty):
            continue
        holder = ladder.next_above(duty.organ_code)
        if holder is None:
            done.alarms.append(_nobody(duty))
            continue
        try:
            above = raised_from(duty, owes(holder, duty.terms.zone))
        except LimitMissing:
            missing = Alarm(AlarmCode.LIMIT_MISSING, RAISED, detail="提级督办没有时限条目")
            done.alarms.append(missing)
            continue
        raised[above.key] = above
        done.superiors[duty.key.duty_id] = holder.organ_code
    done.changes = await _with_stored(uow, raised)
    await duties.save(uow.session, done.changes, editions=uow.reference.ids)
    return done


async def _with_stored(uow: UnitOfWork, raised: dict[DutyKey, Duty]) -> list[Change]:
    """A superior is told anew when a duty taken back became overdue again: same duty, reopened."""
    stored = await duties.by_ids(uow.session, (key.duty_id for key in raised))
    changes = []
    for key, duty in raised.items():
        before = stored.get(key.duty_id)
        if before is None:
            changes.append(Change(duty=duty, before=None))
        elif not before.state.is_open:
            changes.append(Change(duty=replace(duty, version=before.version + 1), before=before))
    return changes


async def _warn(uow: UnitOfWork, now: datetime, *, limit: int, only: UUID | None) -> list[Duty]:
    given: list[tuple[Duty, Warned]] = []
    for duty in await duties.near_due(uow.session, now, limit=limit, only=only):
        warned = warning_due(duty, now)
        if warned is not None:
            after = replace(duty, warned_days=warned.days_left, version=duty.version + 1)
            given.append((after, warned))
    await duties.save_warnings(uow.session, given)
    for duty, warned in given:
        outgoing.record_warning(uow, duty, warned)
    return [duty for duty, _ in given]


def ladder_of(reference: Reference) -> Ladder:
    """Who is above whom, by the organ edition in force, inside this deployment."""
    top = reference.root_petition_office

    @cache  # a batch has many duties of few organs
    def above(organ_code: str) -> Holder | None:
        organ = reference.organs.superior(organ_code, root=reference.root_division)
        return Holder(organ.code, organ.division_code) if organ else None

    return Ladder(above=above, top=Holder(top, top.partition("-")[0]))


def _unanswered() -> Alarm:
    return Alarm(
        AlarmCode.HISTORY_UNANSWERED, "history", detail="导入的历史信访件至今没有答复，数量见次数"
    )


def _nobody(duty: Duty) -> Alarm:
    return Alarm(
        AlarmCode.NOBODY_TO_TELL,
        f"duty/{duty.key.duty_id}",
        detail=f"{duty.organ_code} 的时限任务超期，本平台内没有上级机关可告知",
        division_code=duty.division_code,
        organ_code=duty.organ_code,
    )
