"""How far the stored figures follow the definition of this program."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date

from services.analytics.registry.domain.definition import Definition
from services.analytics.registry.domain.period import Period

NOT_BEGUN = date.max


@dataclass(frozen=True, slots=True)
class ProjectionState:
    """The definition the tables are brought to, and how far that has come.

    `replayed_to`: position in the inbox up to which sources were read anew, None when all are.
    `counted_from`: petitions received from this day on are counted by the definition, None when all
    are. `facts_hold`: facts of the days before are right nevertheless, only their sums are not."""

    definition: Definition
    replayed_to: int | None = None
    counted_from: date | None = None
    facts_hold: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether all is counted by the definition."""
        return self.replayed_to is None and self.counted_from is None

    def covers(self, period: Period) -> bool:
        """Whether sums of the whole period are counted by the definition."""
        return self.counted_from is None or period.first >= self.counted_from

    def adopted(self, new: Definition) -> ProjectionState:
        """The state with which counting by another definition begins; itself for its own."""
        old = self.definition
        if old == new:
            return self
        return ProjectionState(
            definition=new,
            replayed_to=0 if old.sources != new.sources else self.replayed_to,
            counted_from=NOT_BEGUN,
            facts_hold=self.facts_hold and old.facts == new.facts,
        )

    def replayed(self, position: int | None) -> ProjectionState:
        """The state after sources were read anew up to a position, with None all of them."""
        return replace(self, replayed_to=position)

    def counted(self, first: date | None) -> ProjectionState:
        """The state after petitions received from this day on were counted, with None all."""
        return replace(self, counted_from=first, facts_hold=self.facts_hold or first is None)

    def to_text(self) -> str:
        """As stored."""
        counted_from = self.counted_from.isoformat() if self.counted_from else None
        return json.dumps(asdict(self) | {"counted_from": counted_from}, sort_keys=True)

    @classmethod
    def of_text(cls, text: str) -> ProjectionState:
        """What `to_text` wrote."""
        stored = json.loads(text)
        first = stored["counted_from"]
        return cls(
            definition=Definition(**stored["definition"]),
            replayed_to=stored["replayed_to"],
            counted_from=date.fromisoformat(first) if first else None,
            facts_hold=stored["facts_hold"],
        )
