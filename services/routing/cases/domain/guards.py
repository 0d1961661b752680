"""Conditions of the procedure table that the case itself can tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.routing.cases.domain.case_steps import TO_CARRY_OUT, Act, ClosingKind, Opinion
from services.routing.cases.domain.journal import Journal
from services.routing.cases.domain.parts import Part, PartState
from services.routing.cases.domain.referral import Referral
from services.routing.undertakings.domain import Undertaking


@dataclass(frozen=True, slots=True)
class Seen:
    """What a guard looks at: the hold it is about, the acts so far, how the case ended, what was
    shared out and what was promised."""

    held: Referral | None
    journal: Journal
    closing_kind: ClosingKind | None
    imported: bool = False
    parts: Sequence[Part] = ()
    undertakings: Sequence[Undertaking] = ()
    withdrawn: bool = False

    @property
    def ordinal(self) -> int:
        """Of the hold; 0 while no organ has had the case."""
        return self.held.ordinal if self.held else 0

    @property
    def opinion(self) -> Opinion | None:
        """Of the hold."""
        return self.held.opinion if self.held else None

    def lasts(self, begin: Act, *ends: Act) -> bool:
        """Whether something was begun in this hold and not ended."""
        return self.journal.lasts(begin, *ends, referral=self.ordinal)

    @property
    def supplement(self) -> bool:
        """Whether materials are waited for."""
        return self.lasts(Act.REQUEST_SUPPLEMENT, Act.TAKE_SUPPLEMENT)

    @property
    def suspended(self) -> bool:
        """Whether handling was suspended and not taken up again."""
        return self.lasts(Act.SUSPEND, Act.RESUME)

    @property
    def hearing(self) -> bool:
        """Whether a hearing goes on."""
        return self.lasts(Act.OPEN_HEARING, Act.CLOSE_HEARING)

    @property
    def mediation(self) -> bool:
        """Whether a mediation goes on."""
        return self.lasts(Act.OPEN_MEDIATION, Act.FAIL_MEDIATION, Act.AGREE)

    @property
    def report(self) -> bool:
        """Whether a closing report waits for its verdict."""
        return self.journal.report_pending(self.ordinal)


GUARDS: Mapping[str, Callable[[Seen], bool]] = {
    "withdrawn": lambda s: s.withdrawn,
    "not_signed": lambda s: s.journal.signed_on(s.ordinal) is None,
    "not_judged": lambda s: s.held is None or s.held.verdict is None,
    "is_simple": lambda s: s.journal.is_simple(s.ordinal),
    "is_ordinary": lambda s: not s.journal.is_simple(s.ordinal),
    "not_extended": lambda s: s.journal.extension(s.ordinal) is None,
    "not_suspended": lambda s: not s.suspended,
    "suspended": lambda s: s.suspended,
    "no_supplement_open": lambda s: not s.supplement,
    "supplement_open": lambda s: s.supplement,
    "no_hearing_open": lambda s: not s.hearing,
    "hearing_open": lambda s: s.hearing,
    "no_mediation_open": lambda s: not s.mediation,
    "mediation_open": lambda s: s.mediation,
    "no_report_pending": lambda s: not s.report and not s.journal.report_taken(s.ordinal),
    "report_pending": lambda s: s.report,
    "parts_done": lambda s: not any(part.is_open for part in s.parts),
    "part_open": lambda s: any(part.is_open for part in s.parts),
    "part_answered": lambda s: any(part.state is PartState.ANSWERED for part in s.parts),
    "lead_stays": lambda s: (
        not any(part.is_there and part.referral == s.ordinal for part in s.parts)
    ),
    "undertaking_open": lambda s: any(each.is_open for each in s.undertakings),
    "undertakings_kept": lambda s: not any(each.is_open for each in s.undertakings),
    "is_redo": lambda s: s.opinion is Opinion.REDO,
    "not_redo": lambda s: s.opinion is not Opinion.REDO,
    "supports": lambda s: s.opinion in TO_CARRY_OUT and s.journal.carried_out_on(s.ordinal) is None,
    "reviewable": lambda s: (
        not s.imported and s.closing_kind in (ClosingKind.ANSWERED, ClosingKind.REVIEWED)
    ),
    "not_solved": lambda s: s.journal.last(Act.SOLVE) is None,
    "solved": lambda s: s.journal.last(Act.SOLVE) is not None,
    "not_settled": lambda s: s.journal.last(Act.SETTLE) is None,
}
"""By the names of `procedure.STATIC_GUARDS`."""
