"""A petition that already lived elsewhere, as an import reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.intake.domain.filing import Channel, Origin, Purpose


@dataclass(frozen=True, slots=True)
class HistoricalPetition:
    """One row of a history. Its identity is source and source id, never its text (decisions 17).

    Days are local to the mapping's time zone; `category` is a code or a first-level name;
    `located_by_subject_alone`: its place is the one county the subject names, or undetermined.
    """

    source: str
    source_id: str
    subject: str
    text: str
    channel: Channel
    origin: Origin
    purpose: Purpose
    received_on: date
    answered_on: date | None
    answer: str | None
    category: str | None
    division_code: str | None
    located_by_subject_alone: bool = False
