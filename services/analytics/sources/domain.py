"""What each service says of a petition, as far as it is counted. No name, text or hour.

An attribute with the name it has in the contract is copied from the event unchanged
(sources/use_cases.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from shared.kernel.rank import Rank


@dataclass(frozen=True, slots=True)
class Registration:
    """Intake: one petition (信访件) as received. `received_on` is the local date.

    `answered_on` is set for imported history alone (decision 0015)."""

    received_on: date
    channel: str
    origin: str
    purpose: str
    category_code: str | None
    division_code: str | None
    received_by: str
    tier: int
    person_times: int
    batch: bool
    repeat: bool
    answered_on: date | None
    complained_organ: str | None = None


@dataclass(frozen=True, slots=True)
class CaseSource:
    """Routing: what was decided about the matter and its state.

    `organ_code` is the organ that holds it now or held it last, None before any did; `hidden_from`
    the organ an accusation complains of."""

    state: str
    purpose: str
    category_code: str | None
    division_code: str | None
    organ_code: str | None
    answered_on: date | None
    closed_on: date | None
    hidden_from: str | None = None


@dataclass(frozen=True, slots=True)
class DutySource:
    """Supervision: one duty. `due_on` is its last local day."""

    kind: str
    ordinal: int
    state: str
    nature: str
    due_on: date


SourceFacts = Registration | CaseSource | DutySource
KINDS: dict[str, type[SourceFacts]] = {
    "petition": Registration,
    "case": CaseSource,
    "duty": DutySource,
}
NAMES: dict[type[SourceFacts], tuple[str, ...]] = {
    of: tuple(each.name for each in fields(of)) for of in KINDS.values()
}
"""Names of the attributes of each kind of source."""
_DATES = frozenset({"received_on", "answered_on", "closed_on", "due_on"})


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What one event says of its subject, and the petitions concerned."""

    kind: str
    subject_id: UUID
    rank: Rank
    petition_ids: tuple[UUID, ...]
    facts: SourceFacts

    @property
    def key(self) -> tuple[str, UUID]:
        """What makes two records versions of the same thing."""
        return (self.kind, self.subject_id)


def to_json(facts: SourceFacts) -> dict[str, Any]:
    """Facts as they are stored, by name."""
    values = {name: getattr(facts, name) for name in NAMES[type(facts)]}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def from_json(kind: str, stored: Mapping[str, Any]) -> SourceFacts:
    """Stored facts as they were. An attribute that was not stored yet has its default, one that is
    no longer known is left out. Raises KeyError for an unknown kind, TypeError where an attribute
    without a default is missing."""
    of = KINDS[kind]
    return of(**{name: _value(name, stored[name]) for name in NAMES[of] if name in stored})


def _value(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in _DATES and value else value
