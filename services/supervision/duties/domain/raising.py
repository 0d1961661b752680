"""Raising (提级督办): after an overdue the organ one tier up owes supervision, and so on upward.

The case stays where it is; the superior gets a duty of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.supervision.duties.domain.duty import Due, Duty, DutyKey, Outcome, Terms, judge
from shared.kernel.workdays import Calendar, Limit
from shared.reference.limits import LimitRow, Limits
from shared.vocabulary.duties import DutyKind, DutyState, Nature, SubjectKind


@dataclass(frozen=True, slots=True)
class Holder:
    """An organ that can owe a duty."""

    organ_code: str
    division_code: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who is above whom in this deployment.

    `above` gives the organ one tier up, None outside the deployment; `top` is the petition office
    of the root division, which supervises every organ that has nobody else above it here.
    """

    above: Callable[[str], Holder | None]
    top: Holder

    def next_above(self, organ_code: str | None) -> Holder | None:
        """Who must be told of an overdue of this organ; None when there is nobody to tell."""
        if organ_code is None or organ_code == self.top.organ_code:
            return None
        return self.above(organ_code) or self.top


@dataclass(frozen=True, slots=True)
class Told:
    """What a superior told on a day owes by when: the same for every duty it is told of then."""

    holder: Holder
    row: LimitRow
    terms: Terms
    due: Due


def told(holder: Holder, *, zone: str, limits: Limits, calendar: Calendar, today: date) -> Told:
    """The limit a superior has from `today`, the day it is told.

    Raises LimitMissing when the table has no row for raising."""
    row = limits.select(DutyKind.RAISED, division_code=holder.division_code, purpose="", on=today)
    limit = Limit(row.length or 1, row.unit, roll=row.roll)
    terms = Terms(started_on=today, zone=zone, limit=limit)
    return Told(holder, row, terms, terms.due(calendar))


def raised_from(overdue: Duty, told: Told) -> Duty:
    """The duty of the superior that is told of an overdue.

    It is about the first duty of the chain, with its step up as ordinal, so it ends with that
    duty whoever holds it.
    """
    again = overdue.key.kind is DutyKind.RAISED
    row = told.row
    return Duty(
        key=DutyKey(
            SubjectKind.DUTY,
            overdue.key.subject_id if again else overdue.key.duty_id,
            DutyKind.RAISED,
            overdue.key.ordinal + 1 if again else 1,
        ),
        case_id=overdue.case_id,
        petition_ids=overdue.petition_ids,
        organ_code=told.holder.organ_code,
        division_code=told.holder.division_code,
        nature=row.nature,
        limit_id=row.limit_id,
        article=row.article,
        warn_days=row.warn_days,
        terms=told.terms,
        due=told.due,
        state=DutyState.RUNNING,
    )


def is_raised(duty: Duty) -> bool:
    """Whether an overdue of this duty is told upward: all but windows and imported history."""
    return not duty.silent and duty.nature is not Nature.WINDOW


def ended_with(raised: Duty, root: Duty, *, now: datetime, today: date) -> Duty:
    """A superior's duty after the duty it is about has ended or is no longer overdue.

    Fulfilled when that was done late; fallen away when it turned out done in time, or not owed.
    """
    late = root.state is DutyState.MET_LATE
    ended_on = max(root.ended_on or today, raised.terms.started_on)
    state, overdue_at = judge(
        nature=raised.nature,
        due=raised.due,
        ended_on=ended_on,
        outcome=Outcome.FULFILLED if late else Outcome.FELL_AWAY,
        now=now,
    )
    return replace(
        raised, state=state, overdue_at=overdue_at, ended_on=ended_on, version=raised.version + 1
    )
