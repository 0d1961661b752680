"""What each side of an agreement promised (义务), and whether it was kept (Art. 33)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Party(StrEnum):
    """Whose promise it is. The organ is the one that handles the case; whoever else stands against
    the petitioner is an organisation with a name or a person without one."""

    PETITIONER = "petitioner"
    ORGAN = "organ"
    ORGANISATION = "organisation"
    PERSON = "person"


PARTY_WORDS: Mapping[Party, str] = {
    Party.PETITIONER: "信访人",
    Party.ORGAN: "承办机关",
    Party.ORGANISATION: "单位",
    Party.PERSON: "相对人",
}
OPPOSITE = frozenset((Party.ORGANISATION, Party.PERSON))
"""相对人: no side of the case, so they have no account and may be given a code."""


class UndertakingState(StrEnum):
    """Where a promise is; read off its days."""

    OPEN = "open"
    OVERDUE = "overdue"
    KEPT = "kept"
    LAPSED = "lapsed"


UNDERTAKING_STATE_WORDS: Mapping[UndertakingState, str] = {
    UndertakingState.OPEN: "待履行",
    UndertakingState.OVERDUE: "逾期未履行",
    UndertakingState.KEPT: "已履行",
    UndertakingState.LAPSED: "协议未履行，不再要求",
}


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
            return f"{PARTY_WORDS[self.party]}{self.ordinal}"
        return self.name or PARTY_WORDS[self.party]

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
