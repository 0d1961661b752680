"""One petition as it counts: its cell (where it is counted) and its figures (what it adds)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.analytics.sources.domain import CaseState, DutyState, Facts, Registration
from shared.reference.counting import CountingRules

ACCUSATION, VISIT = "accusation", "visit"
OVERDUE = "overdue"
NOT_COUNTED = frozenset({"cancelled", "lapsed"})
"""States of a duty in which nothing is owed any more and nothing was met."""
UNKNOWN = ""
"""Stands in a cell for a code that nobody has decided yet."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where a petition is counted: one value for each way to split the figures."""

    received_on: date
    division_code: str
    organ_code: str
    category_code: str
    channel: str
    purpose: str
    origin: str
    tier: int
    repeat: bool
    collective: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """One petition. Items count 1 each; `person_times` are 人次, `batch` makes one 批次.

    It is answered, closed without an answer (guided elsewhere, for example) or open. `due_on` is
    the last day for the answer where a duty says so, `legal` whether that is a limit of law.
    `overdue`: open, and any duty about it is overdue; `answer_overdue`: open, and that one is.
    `hidden_from`: the organ an accusation complains of; it and those under it count without it.
    """

    cell: Cell
    person_times: int
    batch: bool
    answered_on: date | None
    closed: bool
    due_on: date | None
    legal: bool
    overdue: bool
    answer_overdue: bool
    hidden_from: str | None = None

    @property
    def days(self) -> int | None:
        """Whole days from receipt to answer, the day after receipt being day one."""
        if self.answered_on is None:
            return None
        return max(0, (self.answered_on - self.cell.received_on).days)

    @property
    def on_time(self) -> bool:
        """Whether an answer is known to have come by the last day for it."""
        return bool(self.answered_on and self.due_on and self.answered_on <= self.due_on)


def merge(parts: Iterable[Facts], rules: CountingRules, *, home: tuple[str, str]) -> Fact | None:
    """A petition from all its parts, in whatever order they came; None before intake's part.

    `home` bounds the 12-digit division codes of the deployment, both included."""
    registrations, cases, duties = _sorted(parts)
    if not registrations:
        return None
    (registration,) = registrations
    case = max(cases, key=_newest_case) if cases else None
    answered_on = registration.answered_on or (case.answered_on if case else None)
    closed = answered_on is None and case is not None and case.closed_on is not None
    is_open = answered_on is None and not closed
    answer = _answer_duty(duties, rules)
    cell = _cell(registration, case, rules, home=home)
    return Fact(
        cell=cell,
        person_times=registration.person_times,
        batch=registration.batch,
        answered_on=answered_on,
        closed=closed,
        due_on=answer.due_on if answer else None,
        legal=bool(answer and answer.nature == rules.legal_nature),
        overdue=is_open and any(duty.state == OVERDUE for duty in duties),
        answer_overdue=is_open and answer is not None and answer.state == OVERDUE,
        hidden_from=(case and case.hidden_from)
        or (registration.complained_organ if cell.purpose == ACCUSATION else None),
    )


def _cell(
    registration: Registration,
    case: CaseState | None,
    rules: CountingRules,
    *,
    home: tuple[str, str],
) -> Cell:
    """What was decided wins over what was declared. Without a place, or with one outside the
    deployment, the petition counts in the division of the organ that received it."""
    place = (case and case.division_code) or registration.division_code
    if not place or not home[0] <= place <= home[1]:
        place, _, _ = registration.received_by.partition("-")
    return Cell(
        received_on=registration.received_on,
        division_code=place,
        organ_code=(case and case.organ_code) or registration.received_by,
        category_code=(case and case.category_code) or registration.category_code or UNKNOWN,
        channel=registration.channel,
        purpose=case.purpose if case else registration.purpose,
        origin=registration.origin,
        tier=registration.tier,
        repeat=registration.repeat,
        collective=registration.channel == VISIT
        and registration.person_times >= rules.collective_from,
    )


def _answer_duty(duties: Sequence[DutyState], rules: CountingRules) -> DutyState | None:
    """The duty that says when an answer is due: of those that still count, the last one."""
    counted = [
        duty
        for duty in duties
        if duty.kind in rules.answer_duties and duty.state not in NOT_COUNTED
    ]
    return max(counted, key=lambda duty: (duty.ordinal, duty.due_on, duty.kind), default=None)


def _newest_case(case: CaseState) -> tuple[date, date, str]:
    """A petition is in one case; should two claim it, the choice must not depend on the order."""
    return (case.answered_on or date.min, case.closed_on or date.min, str(case))


def _sorted(
    parts: Iterable[Facts],
) -> tuple[list[Registration], list[CaseState], list[DutyState]]:
    registrations: list[Registration] = []
    cases: list[CaseState] = []
    duties: list[DutyState] = []
    for part in parts:
        if isinstance(part, Registration):
            registrations.append(part)
        elif isinstance(part, CaseState):
            cases.append(part)
        else:
            duties.append(part)
    return registrations, cases, duties
