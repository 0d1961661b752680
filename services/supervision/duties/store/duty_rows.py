"""Duty <-> row."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from services.supervision.duties.domain.duty import Due, Duty, DutyKey, Terms
from services.supervision.duties.domain.stages import next_at
from shared.kernel.workdays import DateRange, Limit
from shared.vocabulary.duties import DutyKind, DutyState, Nature, SubjectKind, Unit


def row_of(duty: Duty) -> dict[str, Any]:
    """Column values of a duty, without the editions it was counted by."""
    limit = duty.terms.limit
    return {
        "duty_id": duty.key.duty_id,
        "subject_kind": duty.key.subject_kind.value,
        "subject_id": duty.key.subject_id,
        "kind": duty.key.kind.value,
        "ordinal": duty.key.ordinal,
        "case_id": duty.case_id,
        "petition_ids": [str(each) for each in duty.petition_ids],
        "organ_code": duty.organ_code,
        "division_code": duty.division_code,
        "nature": duty.nature.value,
        "limit_id": duty.limit_id,
        "article": duty.article,
        "warn_days": list(duty.warn_days),
        "started_on": duty.terms.started_on,
        "zone": duty.terms.zone,
        "length": limit.length,
        "unit": limit.unit.value,
        "roll": limit.roll,
        "extension": limit.extension,
        "suspensions": [[str(each.first), str(each.last)] for each in limit.suspensions],
        "due_on": duty.due.last_day,
        "due_at": duty.due.at,
        "provisional": duty.due.provisional,
        "state": duty.state.value,
        "ended_on": duty.ended_on,
        "overdue_at": duty.overdue_at,
        "warned_days": duty.warned_days,
        "silent": duty.silent,
        "version": duty.version,
        "next_at": next_at(duty),
    }


def duty_of(row: Any) -> Duty:
    """The duty a row of the whole table holds."""
    limit = Limit(
        row.length,
        Unit(row.unit),
        roll=row.roll,
        extension=row.extension,
        suspensions=tuple(
            DateRange(date.fromisoformat(first), date.fromisoformat(last))
            for first, last in row.suspensions
        ),
    )
    return Duty(
        key=DutyKey(
            SubjectKind(row.subject_kind),
            row.subject_id,
            DutyKind(row.kind),
            row.ordinal,
        ),
        case_id=row.case_id,
        petition_ids=tuple(UUID(each) for each in row.petition_ids),
        organ_code=row.organ_code,
        division_code=row.division_code,
        nature=Nature(row.nature),
        limit_id=row.limit_id,
        article=row.article,
        warn_days=tuple(row.warn_days),
        terms=Terms(started_on=row.started_on, zone=row.zone, limit=limit),
        due=Due(last_day=row.due_on, at=row.due_at, provisional=row.provisional),
        state=DutyState(row.state),
        ended_on=row.ended_on,
        overdue_at=row.overdue_at,
        warned_days=row.warned_days,
        silent=row.silent,
        version=row.version,
    )
