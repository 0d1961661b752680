"""Bring the stored duties in line with what must exist, by comparing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.supervision.duties.domain.duty import Duty, DutyKey, Outcome, Terms, judge
from services.supervision.duties.domain.obligations import Obligation
from shared.kernel.workdays import Calendar
from shared.vocabulary.duties import DutyState


@dataclass(frozen=True, slots=True)
class Change:
    """A duty as it must be stored now, and as it was (None when new)."""

    duty: Duty
    before: Duty | None


def reconcile(
    owed: Iterable[Obligation],
    stored: Mapping[DutyKey, Duty],
    *,
    calendar: Calendar,
    zone: str,
    now: datetime,
    today: date,
    again: bool = False,
) -> list[Change]:
    """What to write so that `stored` is what must exist; empty when it already is.

    A running duty past its due instant stays running here: only the watcher makes it overdue, in
    the same step that tells its superior. `stored` holds the duties of these facts only, without
    raised ones. What is no longer called for falls away on `today`. `again`: the rules changed and
    no fact did, so that what ended in the place of a duty now owed was never owed.
    """
    changes = []
    called_for = set()
    owed = list(owed)
    for obligation in owed:
        called_for.add(obligation.key)
        before = stored.get(obligation.key)
        after = _settled(obligation, before, calendar=calendar, zone=zone, now=now)
        if before is None or after != before:
            version = before.version + 1 if before else 1
            changes.append(Change(duty=replace(after, version=version), before=before))
    for key, duty in stored.items():
        if key not in called_for and duty.state.is_open:
            changes.append(Change(duty=fallen_away(duty, on=today), before=duty))
    if again:
        changes += _never_owed(owed, stored, called_for)
    return changes


def _never_owed(
    owed: Iterable[Obligation], stored: Mapping[DutyKey, Duty], called_for: Collection[DutyKey]
) -> Iterator[Change]:
    instead = {key for obligation in owed for key in obligation.instead} - set(called_for)
    for key in sorted(instead & stored.keys()):
        duty = stored[key]
        if not duty.state.is_open and duty.state is not DutyState.CANCELLED:
            after = replace(duty, state=DutyState.CANCELLED, version=duty.version + 1)
            yield Change(duty=after, before=duty)


def fallen_away(duty: Duty, *, on: date) -> Duty:
    """The duty no longer owed, with its overdue mark kept."""
    return replace(
        duty,
        state=DutyState.CANCELLED,
        ended_on=max(on, duty.terms.started_on),
        version=duty.version + 1,
    )


def _settled(
    obligation: Obligation,
    before: Duty | None,
    *,
    calendar: Calendar,
    zone: str,
    now: datetime,
) -> Duty:
    terms = Terms(
        started_on=obligation.started_on,
        zone=before.terms.zone if before else zone,
        limit=obligation.limit,
    )
    # An announced date is not counted anew: a changed calendar is a decision of its own.
    same_terms = before is not None and before.terms == terms
    due = before.due if before is not None and same_terms else terms.due(calendar)
    end = obligation.end
    state, overdue_at = judge(
        nature=obligation.row.nature,
        due=due,
        ended_on=end.on if end else None,
        outcome=end.outcome if end else Outcome.FULFILLED,
        now=now,
    )
    fired = before is not None and before.state in (DutyState.OVERDUE, DutyState.LAPSED)
    if end is None and not obligation.silent and not fired:
        state, overdue_at = DutyState.RUNNING, None
    return Duty(
        key=obligation.key,
        case_id=obligation.case_id,
        petition_ids=obligation.petition_ids,
        organ_code=obligation.organ_code,
        division_code=obligation.division_code,
        nature=obligation.row.nature,
        limit_id=obligation.row.limit_id,
        article=obligation.row.article,
        warn_days=obligation.row.warn_days,
        terms=terms,
        due=due,
        state=state,
        ended_on=end.on if end else None,
        overdue_at=overdue_at,
        warned_days=before.warned_days if before and same_terms else None,
        silent=obligation.silent,
        version=before.version if before else 1,
    )
