"""The one table of casework: which act, in which state, by whom, what it brings about (Art. 22-37).

Read from `shared/reference/data/procedure.csv`. The program refuses to start with a table that
names a state, a guard or a closing kind it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from shared.reference.calendar import packaged_text
from shared.vocabulary.acts import Act, By
from shared.vocabulary.cases import CaseState, ClosingKind, ReferralKind, ReferralState
from shared.workflow import table
from shared.workflow.table import SAME, Table, many


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(table.Row):
    """One row. Empty `kinds` or `purposes` means any, also a case nobody has yet.

    `referral_to` is None where the state of the hold stays. `starts` and `ends` are kinds of duties
    (supervision's words); `notice` is the kind of paper the petitioner is owed.
    """

    kinds: frozenset[ReferralKind]
    purposes: frozenset[str]
    referral_to: ReferralState | None
    closes: ClosingKind | None

    def fits(self, entity: Any) -> bool:
        """Whether the row is about such a case."""
        held = entity.hold
        return (
            entity.state in self.states
            and (not self.kinds or (held is not None and held.kind in self.kinds))
            and (not self.purposes or entity.purpose in self.purposes)
        )

    def check(self) -> None:
        """Raises ValueError for a row that contradicts itself."""
        table.Row.check(self)
        if (self.closes is not None) != (self.to is CaseState.CLOSED):
            raise ValueError("closes is given where, and only where, the case ends")


def read_procedure(text: str) -> Table[Row]:
    """The table from the text of its CSV file. Raises TableInvalid with line and fault."""
    return table.read(
        text,
        Row,
        act=Act,
        state=CaseState,
        by=By,
        more={
            "kinds": lambda cell: frozenset(many(ReferralKind)(cell)),
            "purposes": lambda cell: frozenset(many()(cell)),
            "referral_to": lambda cell: None if cell in ("", SAME) else ReferralState(cell),
            "closes": lambda cell: ClosingKind(cell) if cell else None,
        },
    )


TABLE: Final[Table[Row]] = Table(lambda: read_procedure(packaged_text("procedure.csv")).rows)
"""The table that comes with the program."""
