"""From duties to public contracts."""

from __future__ import annotations

from datetime import datetime

from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.domain.reconciliation import Change
from services.supervision.duties.domain.stages import Warned
from shared.contracts.supervision import (
    DutyEndedV1,
    DutyEvent,
    DutyFacts,
    DutyJudgedV1,
    DutyOverdueV1,
    DutyStartedV1,
    DutyWarnedV1,
)
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.duties import DutyState, Nature
from shared.vocabulary.duties import DutyState as PublicState


def record_changes(uow: UnitOfWork, changes: list[Change]) -> None:
    """Publish what became of duties: started (or restated while open), ended, judged."""
    for change in changes:
        duty = change.duty
        event: DutyEvent
        if duty.silent:
            event = DutyJudgedV1(duty=facts_of(duty))
        elif duty.state.is_open:
            event = DutyStartedV1(duty=facts_of(duty))
        else:
            event = DutyEndedV1(duty=facts_of(duty))
        record(uow, duty, event)


def record_warning(uow: UnitOfWork, duty: Duty, warned: Warned) -> None:
    """Publish a warning."""
    record(uow, duty, DutyWarnedV1(duty=facts_of(duty), days_left=warned.days_left))


def record_fired(
    uow: UnitOfWork, duty: Duty, *, noticed_at: datetime, raised_to: str | None
) -> None:
    """Publish that time was up: overdue, a window lapsed, or history judged."""
    event: DutyEvent
    if duty.silent:
        event = DutyJudgedV1(duty=facts_of(duty))
    elif duty.state is DutyState.LAPSED:
        event = DutyEndedV1(duty=facts_of(duty))
    else:
        event = DutyOverdueV1(duty=facts_of(duty), noticed_at=noticed_at, raised_to=raised_to)
    record(uow, duty, event)


def record(uow: UnitOfWork, duty: Duty, event: DutyEvent) -> None:
    """Publish one event of a duty at its version."""
    uow.record(event, subject_id=duty.key.duty_id, sequence=duty.version)


def facts_of(duty: Duty) -> DutyFacts:
    """The public facts of a duty."""
    return DutyFacts(
        duty_id=duty.key.duty_id,
        kind=duty.key.kind.value,
        ordinal=duty.key.ordinal,
        subject_kind=duty.key.subject_kind.value,
        subject_id=duty.key.subject_id,
        case_id=duty.case_id,
        petition_ids=list(duty.petition_ids),
        nature=Nature(duty.nature.value),
        organ_code=duty.organ_code,
        division_code=duty.division_code,
        started_on=duty.terms.started_on,
        due_on=duty.due.last_day,
        due_at=duty.due.at,
        provisional=duty.due.provisional,
        state=PublicState(duty.state.value),
        ended_on=duty.ended_on,
        overdue_at=duty.overdue_at,
        limit_id=duty.limit_id,
        article=duty.article,
        silent=duty.silent,
    )
