"""What is looked at again and again: calendar horizon, cases without duty, changed calendars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import Alarm
from services.supervision.duties import outgoing
from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.domain.reconciliation import Change
from services.supervision.duties.store import duties
from services.supervision.facts import store as facts
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.workdays import Calendar
from shared.vocabulary.duties import AlarmCode

HORIZON = timedelta(days=60)
"""A calendar that ends sooner than this is an alarm (decisions 21)."""
MOST_CASES = 100
RECOUNTED = 500


async def check_horizon(uow: UnitOfWork) -> None:
    """Sound or clear the alarm about the end of the working calendar."""
    calendar, today = uow.reference.calendar, uow.clock.today()
    if is_short(calendar, today):
        alarm = Alarm(
            AlarmCode.CALENDAR_HORIZON,
            "calendar",
            detail=f"工作日历只到 {calendar.last}，请载入下一年度的放假安排",
        )
        await alarms.sound(uow.session, [alarm], at=uow.clock.now(), standing=True)
    else:
        await alarms.clear(uow.session, AlarmCode.CALENDAR_HORIZON, at=uow.clock.now())


def is_short(calendar: Calendar, today: date) -> bool:
    """Whether the calendar ends in fewer than 60 days."""
    return calendar.last - today < HORIZON


async def check_editions(uow: UnitOfWork, faulty: Mapping[str, str]) -> None:
    """Sound or clear the alarm of each kind of reference data whose edition in force has faults;
    `faulty`: kind -> the first of them."""
    found = [
        Alarm(AlarmCode.EDITION_FAULTY, f"edition/{kind}", detail=fault[:300])
        for kind, fault in sorted(faulty.items())
    ]
    at = uow.clock.now()
    kept = [alarm.subject for alarm in found]
    await alarms.clear(uow.session, AlarmCode.EDITION_FAULTY, at=at, keep=kept)
    await alarms.sound(uow.session, found, at=at, standing=True)


async def check_heartbeats(uow: UnitOfWork, silent: Mapping[AlarmCode, bool]) -> None:
    """Sound or clear the alarm of each loop that must give signs of life."""
    for code, is_silent in silent.items():
        if is_silent:
            await alarms.sound(
                uow.session, [Alarm(code, "heartbeat")], at=uow.clock.now(), standing=True
            )
        else:
            await alarms.clear(uow.session, code, at=uow.clock.now())


async def check_cases(uow: UnitOfWork) -> None:
    """Every open case has somebody who owes something; sound an alarm for those that have not."""
    found = await facts.open_cases_without_duty(uow.session, limit=MOST_CASES)
    subjects = [f"case/{case_id}" for case_id in found]
    await alarms.clear(uow.session, AlarmCode.CASE_WITHOUT_DUTY, at=uow.clock.now(), keep=subjects)
    await alarms.sound(
        uow.session,
        [Alarm(AlarmCode.CASE_WITHOUT_DUTY, subject) for subject in subjects],
        at=uow.clock.now(),
        standing=True,
    )


async def recount(uow: UnitOfWork) -> int:
    """Count running working-day duties anew after the calendar has changed; how many were.

    An earlier date, and any date that was provisional, takes effect. A date that was announced
    for good never becomes later without a person: it stays and an alarm asks.
    """
    calendar, ids = uow.reference.calendar, uow.reference.ids
    edition = ids.get("calendar", "")
    found = await duties.counted_otherwise(uow.session, calendar_edition=edition, limit=RECOUNTED)
    changes, sounded = [], []
    for duty in found:
        due = duty.terms.due(calendar)
        if due.last_day > duty.due.last_day and not duty.due.provisional:
            sounded.append(_later(duty, due.last_day))
        elif due != duty.due:
            after = replace(duty, due=due, warned_days=None, version=duty.version + 1)
            changes.append(Change(duty=after, before=duty))
    await duties.save(uow.session, changes, editions=ids)
    await duties.stamp_calendar(uow.session, [duty.key.duty_id for duty in found], edition)
    await alarms.sound(uow.session, sounded, at=uow.clock.now())
    outgoing.record_changes(uow, changes)
    return len(found)


def _later(duty: Duty, by_calendar: date) -> Alarm:
    return Alarm(
        AlarmCode.CALENDAR_LATER,
        f"duty/{duty.key.duty_id}",
        detail=f"已告知 {duty.due.last_day}，按现行日历为 {by_calendar}",
        division_code=duty.division_code,
        organ_code=duty.organ_code,
    )
