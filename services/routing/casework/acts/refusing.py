"""不予受理 and 不再受理: what is not taken, and on which other case that rests (Art. 19, 36)."""

from __future__ import annotations

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import ENDED, Act, ClosingKind, RuleBroken
from services.routing.cases.domain.procedure import Row
from services.routing.cases.store import cases
from services.routing.cases.use_cases.rules import due_of
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import CaseNumber, ReasonsIn
from services.routing.petitions.store import petitions
from shared.kernel.errors import Invalid


class RefusalIn(ReasonsIn):
    """不予受理 or 不再受理: always a person's decision, with the case it rests on."""

    same_as: CaseNumber


@act("refusal", "不予受理（同一事项正在办理）", RefusalIn, Act.REFUSE_ACCEPTANCE)
async def refuse_acceptance(step: Step, body: RefusalIn) -> Row:
    """Only while an organ below has the same matter in hand and is inside its limit (Art. 19(3));
    an overdue one below is a ground for supervision, not for refusing."""
    other = await _other(step, body.same_as)
    if other.state in ENDED or other.holder is None:
        raise RuleBroken("该事项没有正在办理，不得以此不予受理")
    due = due_of(step.uow.reference, other)
    if due is not None and due.on < step.on:
        raise RuleBroken("该事项办理已经超期，不得不予受理，应当督办")
    return refused(step, Act.REFUSE_ACCEPTANCE, other.number, reasons=body.reasons)


@act("no-further-acceptance", "不再受理（复核终结）", RefusalIn, Act.NO_FURTHER_ACCEPTANCE)
async def no_further_acceptance(step: Step, body: RefusalIn) -> Row:
    """Same facts and reasons after the re-review opinion (Art. 36(3)); help goes on (Art. 37)."""
    other = await _other(step, body.same_as)
    if other.closing_kind is not ClosingKind.FINAL:
        raise RuleBroken("该事项没有经过复核终结")
    return refused(
        step, Act.NO_FURTHER_ACCEPTANCE, other.number, reasons=body.reasons, **_final(other)
    )


def _final(case: Case) -> dict[str, str]:
    """The opinion of the re-review a case ended with: whose, its number and day."""
    held = case.last
    papers = [
        n for n in case.notices if n.kind == "opinion" and held and n.referral == held.ordinal
    ]
    if held is None or held.answered_on is None or not papers:
        return {}
    return {
        "final_organ": held.organ_code,
        "final_number": papers[-1].number,
        "final_on": held.answered_on.isoformat(),
    }


def refused(step: Step, which: Act, same_as: str, *, reasons: str, **final: str) -> Row:
    """Not to take it is a decision on it too: the receiving office has done what it owed."""
    row = step.take(which, reasons=reasons, same_as=same_as, **final)
    step.case.decided_on = step.case.decided_on or step.on
    return row


async def _other(step: Step, number: str) -> Case:
    """The case of another petition, which the office decided on or has below it."""
    session = step.uow.session
    case_id = await petitions.case_of_number(session, number)
    other = await cases.load(session, case_id) if case_id else None
    divisions = step.uow.reference.divisions
    mine = step.organ.partition("-")[0]
    if (
        other is None
        or other.case_id == step.case.case_id
        or not divisions.contains(mine, (other.holder or other.decider).partition("-")[0])
    ):
        raise Invalid("没有这个办件", field="same_as")
    return other
