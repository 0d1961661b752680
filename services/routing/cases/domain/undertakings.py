"""What each side of an agreement promised (义务), and whether it was kept (Art. 33)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.vocabulary.cases import Party, UndertakingState

OPPOSITE = frozenset((Party.ORGANISATION, Party.PERSON))
"""相对人: no side of the case, so they have no account and may be given a code."""


@dataclass(slots=True, kw_only=True)
class Undertaking:
    """One side's promise in the agreement that is act number `agreement` of the case.

    `ordinal` counts the promises of a case from 1, later agreements go on. `name` is an
    organisation's; nobody else has one here. Days are legal local days: `lapsed_on` is when the
    agreement was found broken, kept or not.
    """

    undertaking_id: UUID
    ordinal: int
    agreement: int
    party: Party
    name: str | None
    duty: str
    due_on: date
    fulfilled_on: date | None = None
    outcome: str | None = None
    lapsed_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be kept."""
        return self.fulfilled_on is None and self.lapsed_on is None

    @property
    def who(self) -> str:
        """Who promised, in words: a person is told by the ordinal alone."""
        if self.party is Party.PERSON:
            return f"{self.party.label}{self.ordinal}"
        return self.name or self.party.label

    def state(self, today: date) -> UndertakingState:
        """Where it is on a day."""
        if self.fulfilled_on is not None:
            return UndertakingState.KEPT
        if self.lapsed_on is not None:
            return UndertakingState.LAPSED
        return UndertakingState.OVERDUE if self.due_on < today else UndertakingState.OPEN

    def keep(self, outcome: str, *, on: date) -> None:
        """It was kept, and how."""
        self.fulfilled_on, self.outcome = on, outcome


def lapse(undertakings: Iterable[Undertaking], *, agreement: int, on: date) -> None:
    """The agreement was broken: nothing of it is owed any more; what was kept stays as it was."""
    for each in undertakings:
        if each.agreement == agreement:
            each.lapsed_on = on
