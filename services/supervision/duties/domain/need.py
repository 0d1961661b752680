"""An obligation before its limit is looked up, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.supervision.duties.domain.duty import Outcome
from services.supervision.facts.domain import Extension, Pause
from shared.vocabulary.duties import DutyKind, Stop, SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The day an obligation ended and how."""

    on: date
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An obligation before its limit is looked up.

    `kinds`: law first, then our own target; `days`: a period set by the sender; `optional`: not
    owed where the limit table has no row; days of `pauses` are not counted where the row says so.
    """

    kinds: tuple[DutyKind, ...]
    subject_kind: SubjectKind
    subject_id: UUID
    ordinal: int
    organ_code: str
    division_code: str
    started_on: date
    end: End | None
    purpose: str
    source: str = ""
    optional: bool = False
    days: int | None = None
    extension: Extension | None = None
    pauses: Mapping[Stop, tuple[Pause, ...]] = field(default_factory=dict)


def fulfilled(on: date | None) -> End | None:
    """Done on a day; None while it is not."""
    return None if on is None else End(on=on, outcome=Outcome.FULFILLED)


def fell_away(on: date | None) -> End | None:
    """No longer owed from a day; None while it is."""
    return None if on is None else End(on=on, outcome=Outcome.FELL_AWAY)


def not_before(start: date, end: End | None) -> End | None:
    """Nothing ends before it began."""
    return None if end is None else End(on=max(start, end.on), outcome=end.outcome)


def earliest(*ends: End | None) -> End | None:
    """The first of several ends; of one day, the one named first."""
    return min(filter(None, ends), key=lambda end: end.on, default=None)
