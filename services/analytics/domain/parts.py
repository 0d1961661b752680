"""What each service tells about a petition, as far as it is counted. No name, text or hour."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from shared.kernel.rank import Rank


@dataclass(frozen=True, slots=True)
class Registration:
    """Intake's part: one petition (信访件) as received. `received_on` is the local date.

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
class CaseState:
    """Routing's part: what was decided about the matter and where it stands.

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
class DutyState:
    """Supervision's part: one duty. `due_on` is its last local day."""

    kind: str
    ordinal: int
    state: str
    nature: str
    due_on: date


Facts = Registration | CaseState | DutyState
KINDS: dict[str, type[Facts]] = {
    "petition": Registration,
    "case": CaseState,
    "duty": DutyState,
}
_DATES = frozenset({"received_on", "answered_on", "closed_on", "due_on"})


@dataclass(frozen=True, slots=True)
class Part:
    """What one event says about its subject, and the petitions it bears on."""

    kind: str
    subject_id: UUID
    rank: Rank
    petition_ids: tuple[UUID, ...]
    facts: Facts

    @property
    def key(self) -> tuple[str, UUID]:
        """What makes two parts versions of the same thing."""
        return (self.kind, self.subject_id)


def to_json(facts: Facts) -> dict[str, Any]:
    """Facts as they are stored."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in ((each.name, getattr(facts, each.name)) for each in fields(facts))
    }


def from_json(kind: str, stored: dict[str, Any]) -> Facts:
    """Stored facts as they were. Raises KeyError for an unknown kind."""
    values: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _DATES and value else value
        for name, value in stored.items()
    }
    return KINDS[kind](**values)
