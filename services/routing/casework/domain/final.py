"""On which other case 不予受理 and 不再受理 may rest (Art. 19, 36)."""

from __future__ import annotations

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import ENDED
from services.routing.cases.domain.rules import due_of
from shared.vocabulary.cases import ClosingKind
from shared.workflow.guards import Law
from shared.workflow.table import RuleBroken


def check_in_hand(other: Case, law: Law) -> None:
    """Only while an organ below has the same matter in hand and is inside its limit (Art. 19(3));
    an overdue one is a ground for supervision, not for refusing. Raises RuleBroken."""
    if other.state in ENDED or other.holder is None:
        raise RuleBroken("该事项没有正在办理，不得以此不予受理")
    due = due_of(law.reference, other)
    if due is not None and due.on < law.on:
        raise RuleBroken("该事项办理已经超期，不得不予受理，应当督办")


def check_final(other: Case) -> None:
    """Same facts and reasons after the re-review opinion (Art. 36(3)). Raises RuleBroken."""
    if other.closing_kind is not ClosingKind.FINAL:
        raise RuleBroken("该事项没有经过复核终结")


def final_opinion(other: Case) -> dict[str, str]:
    """The opinion of the re-review a case ended with: whose, its number and day."""
    held = other.last
    papers = [
        n for n in other.notices if n.kind == "opinion" and held and n.referral == held.ordinal
    ]
    if held is None or held.answered_on is None or not papers:
        return {}
    return {
        "final_organ": held.organ_code,
        "final_number": papers[-1].number,
        "final_on": held.answered_on.isoformat(),
    }
