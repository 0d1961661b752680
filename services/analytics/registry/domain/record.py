"""Everything known about one petition, with what follows from it for counting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.analytics.sources.domain import CaseSource, DutySource, Registration, SourceFacts
from shared.reference.counting import CountingRules
from shared.vocabulary.duties import DutyState

NOT_COUNTED = frozenset({DutyState.CANCELLED, DutyState.LAPSED})
"""States of a duty in which nothing is owed any more and nothing was met."""


@dataclass(frozen=True, slots=True)
class PetitionRecord:
    """One petition with its case and duties; what dimensions and facts are read from.

    `home` bounds the 12-digit division codes of the deployment, both included. `answer_duty` is
    the duty that says when an answer is due."""

    registration: Registration
    case: CaseSource | None
    duties: Sequence[DutySource]
    answer_duty: DutySource | None
    rules: CountingRules
    home: tuple[str, str]

    @property
    def answered_on(self) -> date | None:
        """The day of the answer, imported history's own first."""
        return self.registration.answered_on or (self.case.answered_on if self.case else None)

    @property
    def closed(self) -> bool:
        """Whether the case was closed without an answer, for example guided elsewhere."""
        case = self.case
        return self.answered_on is None and case is not None and case.closed_on is not None

    @property
    def is_open(self) -> bool:
        """Whether the petition is neither answered nor closed."""
        return self.answered_on is None and not self.closed

    @property
    def overdue(self) -> bool:
        """Whether the petition is open and any duty about it is overdue."""
        return self.is_open and any(duty.state == DutyState.OVERDUE for duty in self.duties)

    @property
    def answer_overdue(self) -> bool:
        """Whether the petition is open and its answer is overdue."""
        answer = self.answer_duty
        return self.is_open and answer is not None and answer.state == DutyState.OVERDUE


def record_of(
    sources: Iterable[SourceFacts], rules: CountingRules, *, home: tuple[str, str]
) -> PetitionRecord | None:
    """A petition from all its sources, in whatever order they came; None before intake's one."""
    registrations: list[Registration] = []
    cases: list[CaseSource] = []
    duties: list[DutySource] = []
    for source in sources:
        if isinstance(source, Registration):
            registrations.append(source)
        elif isinstance(source, CaseSource):
            cases.append(source)
        else:
            duties.append(source)
    if not registrations:
        return None
    (registration,) = registrations
    return PetitionRecord(
        registration=registration,
        case=max(cases, key=_newest_case) if cases else None,
        duties=duties,
        answer_duty=_answer_duty(duties, rules),
        rules=rules,
        home=home,
    )


def _answer_duty(duties: Sequence[DutySource], rules: CountingRules) -> DutySource | None:
    """The duty that says when an answer is due: of those that still count, the last one."""
    counted = [
        duty
        for duty in duties
        if duty.kind in rules.answer_duties and duty.state not in NOT_COUNTED
    ]
    return max(counted, key=lambda duty: (duty.ordinal, duty.due_on, duty.kind), default=None)


def _newest_case(case: CaseSource) -> tuple[date, date, str]:
    """A petition is in one case; should two claim it, the choice must not depend on the order."""
    return (case.answered_on or date.min, case.closed_on or date.min, str(case))
