"""A decision on where a case goes: its kinds, its reasons, its trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.routing.places.domain.place import Evidence
from shared.vocabulary.cases import Confidence, DecisionKind, DecisionReason

BY_RULES = "rules"
"""Who decided, where no person did."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the rule trail: the principle, what followed from it, its source."""

    rule: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """An organ that was considered, and why."""

    organ_code: str
    organ_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Suspected:
    """An organ that a text may accuse, and the words that say so."""

    organ_code: str
    words: Evidence


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a case goes and why.

    `organ_code` is who holds the case then; for `guide` that is the organ that tells the
    petitioner, and `guided_to` the body of the statutory route. `copied_to` is the petition
    office that may see it (抄送, Art. 22). `editions` are ids by kind. `suspected` is the organ
    that the text may accuse, while a person looks whether it does.
    """

    kind: DecisionKind
    confidence: Confidence
    organ_code: str | None = None
    organ_division: str | None = None
    division_code: str | None = None
    category_code: str | None = None
    reason: DecisionReason | None = None
    guided_to: str | None = None
    copied_to: str | None = None
    assigned_due_on: date | None = None
    trail: tuple[Step, ...] = ()
    runner_up: Option | None = None
    editions: Mapping[str, str] = field(default_factory=dict)
    decided_by: str = ""
    suspected: Suspected | None = None

    @property
    def hands_over(self) -> bool:
        """Whether some organ holds the case after it."""
        return self.kind is not DecisionKind.NEEDS_PERSON
