"""A duty (时限任务): one obligation of one organ with a due date.

Everything but the state is a pure function of stored facts: start, limit, zone, extension and
suspensions give the due date; the due date, the end and the present instant give the state.

Values of `kind` on the wire are those of DutyKind: D1 to D5, D7 and D9 by their number in the
design notes (D6 and D8 are the petitioner's own windows, which no organ owes); simple (简易办理);
assigned (交办 with a period); part (会办); the `…_internal` ones are our own targets where the law
has none; raised (提级督办); reply (imported history).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID, uuid5

from shared.kernel.workdays import Calendar, Limit, due_instant
from shared.vocabulary.duties import DutyKind, DutyState, Nature, SubjectKind

_NAMESPACE = UUID("6f1d8c53-0f0e-4d0c-9a0d-5d2b4a7c1e10")


class Outcome(StrEnum):
    """How an obligation ended: done, or no longer owed."""

    FULFILLED = "fulfilled"
    FELL_AWAY = "fell_away"


@dataclass(frozen=True, order=True)
class DutyKey:
    """What makes a duty the same duty: never two of one key."""

    subject_kind: SubjectKind
    subject_id: UUID
    kind: DutyKind
    ordinal: int

    @cached_property  # asked for many times while a batch is fired; the reason for no slots
    def duty_id(self) -> UUID:
        """Id made of the key alone, so that repeats and rebuilds find the same duty."""
        return uuid5(
            _NAMESPACE, f"{self.subject_kind}/{self.subject_id}/{self.kind}/{self.ordinal}"
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """All the due date depends on besides the calendar."""

    started_on: date
    zone: str
    limit: Limit

    def due(self, calendar: Calendar) -> Due:
        """The due date by a calendar."""
        counted = calendar.due(self.started_on, self.limit)
        return Due(
            last_day=counted.last_day,
            at=due_instant(counted.last_day, self.zone),
            provisional=counted.provisional,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """The last day, its end as a UTC instant, and whether the calendar reached that far."""

    last_day: date
    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty as it is stored. `version` grows with each change of anything in it."""

    key: DutyKey
    case_id: UUID | None
    petition_ids: tuple[UUID, ...]
    organ_code: str | None
    division_code: str | None
    nature: Nature
    limit_id: str
    article: str
    warn_days: tuple[int, ...]
    terms: Terms
    due: Due
    state: DutyState
    ended_on: date | None = None
    overdue_at: datetime | None = None
    warned_days: int | None = None
    silent: bool = False
    version: int = 1


def state_words(duty: Duty, today: date) -> str:
    """The state in the words clerks use: 未到期, 临期, 超期 and how it ended."""
    if duty.state is DutyState.RUNNING:
        left = (duty.due.last_day - today).days
        if left < 0:
            return "超期" if duty.nature is not Nature.WINDOW else "期限届满"
        return "临期" if left <= max(duty.warn_days, default=-1) else "未到期"
    return duty.state.label


def judge(
    *,
    nature: Nature,
    due: Due,
    ended_on: date | None,
    outcome: Outcome,
    now: datetime,
) -> tuple[DutyState, datetime | None]:
    """State at `now` and the instant it became overdue, if it ever did.

    What was done on the last day was done in time, whenever we hear of it. A window lapses and
    is never overdue. Overdue is dated when it became true: at the end of the last day.
    """
    late = now >= due.at if ended_on is None else ended_on > due.last_day
    if nature is Nature.WINDOW:
        return _judge_window(ended_on, outcome=outcome, late=late), None
    overdue_at = due.at if late else None
    if ended_on is None:
        return (DutyState.OVERDUE if late else DutyState.RUNNING), overdue_at
    if outcome is Outcome.FELL_AWAY:
        return DutyState.CANCELLED, overdue_at
    return (DutyState.MET_LATE if late else DutyState.MET), overdue_at


def _judge_window(ended_on: date | None, *, outcome: Outcome, late: bool) -> DutyState:
    if late:
        return DutyState.LAPSED
    if ended_on is None:
        return DutyState.RUNNING
    return DutyState.MET if outcome is Outcome.FULFILLED else DutyState.CANCELLED
