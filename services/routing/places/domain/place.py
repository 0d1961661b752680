"""What is asked and answered about the place of a matter (属地)."""

from __future__ import annotations

from dataclasses import dataclass

from shared.vocabulary.places import Level, PlaceBasis, PlaceField

# How sure a place is by what it rests on, 0 to 1. `CERTAIN` and `LIKELY` are the bounds of the
# classes shown to people; below `LIKELY` a person decides.
CERTAIN, LIKELY = 0.85, 0.6
DECLARED = 1.0
NAMED = {PlaceField.PLACE: 0.97, PlaceField.SUBJECT: 0.95, PlaceField.TEXT: 0.75}
ONLY_WIDER = {Level.PREFECTURE: 0.8, Level.PROVINCE: 0.5}
OPPOSED, ONLY_PART_OF_A_NAME, NARROWED = 0.1, 0.2, 0.1


@dataclass(frozen=True, slots=True)
class Query:
    """What is known of a petition's place. Codes of any width; `near` (the registrar's division)
    and `root` (the deployment's) are only context. `subject_alone`: nothing but a code and one
    county in the subject, with no other place beside it, is taken (history nobody looks at)."""

    subject: str = ""
    text: str = ""
    place: str = ""
    declared: str | None = None
    subject_alone: bool = False
    near: str | None = None
    root: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A name found: [start, end) in a field and the divisions it may mean."""

    field: PlaceField
    start: int
    end: int
    surface: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matter belongs. `code` is None when only a person may say; `candidates` are the
    other divisions in question, `reasons` Chinese sentences in order."""

    code: str | None
    confidence: float
    basis: PlaceBasis
    candidates: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
