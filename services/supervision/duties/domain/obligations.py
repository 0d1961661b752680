"""Which duties must exist, given all that is known of a petition and its case.

A pure function of whole facts: who edits, comments or how often a message comes does not matter,
because none of that is in the facts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.supervision.duties.domain.duty import DutyKey
from services.supervision.duties.domain.need import End, Need
from services.supervision.duties.domain.needs import needs_of
from services.supervision.facts.domain import WholeFacts
from shared.kernel.workdays import Calendar, DateRange, Limit
from shared.reference.limits import LimitMissing, LimitRow, Limits
from shared.vocabulary.duties import DutyKind, SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One duty that must exist: who owes what from when, by which row, and when it ended.

    `instead`: the duties that would be owed in its place if the table had other rows."""

    key: DutyKey
    row: LimitRow
    limit: Limit
    organ_code: str
    division_code: str
    started_on: date
    end: End | None
    case_id: UUID | None
    petition_ids: tuple[UUID, ...]
    silent: bool = False
    instead: tuple[DutyKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Obligations:
    """What must exist, and duties for which the limit table had no row (an alarm)."""

    owed: tuple[Obligation, ...]
    without_limit: tuple[DutyKey, ...]


def obligations_of(facts: WholeFacts, *, limits: Limits, calendar: Calendar) -> Obligations:
    """All duties that the facts call for, those already ended included.

    A duty whose limit is not in the table is reported, not guessed; a window without a row
    (the objection right before 2022) simply does not exist.
    """
    owed, without = [], []
    case = facts.case
    for need in needs_of(facts):
        try:
            row = limits.select_first(
                need.kinds,
                division_code=need.division_code,
                purpose=need.purpose,
                source=need.source,
                on=need.started_on,
            )
        except LimitMissing:
            if not need.optional:
                without.append(_key(need, need.kinds[0]))
            continue
        about_petition = need.subject_kind is SubjectKind.PETITION
        petitions = case.petition_ids if case and not about_petition else (need.subject_id,)
        owed.append(
            Obligation(
                key=_key(need, DutyKind(row.kind)),
                row=row,
                limit=_limit(need, row, calendar=calendar),
                organ_code=need.organ_code,
                division_code=need.division_code,
                started_on=need.started_on,
                end=need.end,
                case_id=case.case_id if case else None,
                petition_ids=petitions,
                silent=bool(case and case.history),
                instead=tuple(_key(need, kind) for kind in need.kinds if kind != row.kind),
            )
        )
    return Obligations(owed=tuple(owed), without_limit=tuple(without))


def _limit(need: Need, row: LimitRow, *, calendar: Calendar) -> Limit:
    """The row's days with an extension, if one was approved, and without the days of what it
    stops for.

    An extension counts up to the row's maximum, and only when approved before the limit ran out
    (Art. 34)."""
    days = row.length if row.length is not None else need.days or 1
    stops = tuple(
        DateRange(each.first, each.last)
        for stop in sorted(row.stops)
        for each in need.pauses.get(stop, ())
    )
    plain = Limit(days, row.unit, roll=row.roll, suspensions=stops)
    extension = need.extension
    if extension is None or extension.approved_on > calendar.due(need.started_on, plain).last_day:
        return plain
    granted = max(0, min(extension.days, row.extension_days))
    return replace(plain, extension=granted)


def _key(need: Need, kind: DutyKind) -> DutyKey:
    return DutyKey(need.subject_kind, need.subject_id, kind, need.ordinal)
