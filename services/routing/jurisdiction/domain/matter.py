"""What routing reads of a matter before it decides where it goes."""

from __future__ import annotations

from dataclasses import dataclass

from services.routing.places.domain.place import Place
from shared.reference.organs import Organ
from shared.vocabulary.petitions import Purpose


@dataclass(frozen=True, slots=True)
class Matter:
    """What the decision needs to know of a matter. `category_confidence` is None for a category
    set by a person; `received_by` is the organ that decides and hands over; `named_kinds` are the
    kinds of organ its subject line points to."""

    purpose: Purpose
    place: Place
    received_by: str
    category_code: str | None = None
    category_confidence: float | None = None
    complained_organ: str | None = None
    named_kinds: frozenset[str] = frozenset()

    @property
    def category_sureness(self) -> float:
        """0 without a category, 1 for a person's."""
        if self.category_code is None:
            return 0.0
        return 1.0 if self.category_confidence is None else self.category_confidence

    def confirms(self, organ: Organ, kind: str) -> bool:
        """Whether the organ found by the category, of the kind competent for it, rests on more
        than one machine's reading (decision 16): on a person's category, on where it was filed or
        lies anyway, or on what the subject line names."""
        return (
            self.category_confidence is None
            or organ.petition_office
            or organ.code == self.received_by
            or self.named_kinds == {kind}
        )
