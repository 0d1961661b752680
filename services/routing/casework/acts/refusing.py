"""What is not taken, or not gone on with: 不予受理 and 不再受理, each with the other case it rests
on (Art. 19, 36), and the end of a case whose petitioners withdrew (撤回).

The Regulation does not know withdrawal. Until the petitioners can no longer take it back nothing
follows from it; then the organ may end the case, unless it is an accusation, which is looked into
whatever its author says.
"""

from __future__ import annotations

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.guards import GUARDS
from services.routing.cases.store import cases, petitions
from services.routing.casework.domain.final import check_final, check_in_hand, final_opinion
from services.routing.casework.use_cases.flow import CASES
from services.routing.common.use_cases.bodies import CaseNumber
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid
from shared.vocabulary.acts import Act
from shared.workflow.bodies import ActIn, ReasonsIn
from shared.workflow.guards import Step
from shared.workflow.table import RuleBroken


class RefusalIn(ReasonsIn):
    """不予受理、不再受理的理由，以及依据的另一办件。"""

    same_as: CaseNumber


async def other_case(uow: UnitOfWork, case: Case, step: Step, body: RefusalIn) -> Case:
    """The case of another petition, which the office decided on or has below it. Raises Invalid."""
    case_id = await petitions.case_of_number(uow.session, body.same_as)
    other = await cases.load(uow.session, case_id) if case_id else None
    mine = step.organ.partition("-")[0]
    if (
        other is None
        or other.case_id == case.case_id
        or not step.reference.divisions.contains(
            mine, (other.holder or other.decider).partition("-")[0]
        )
    ):
        raise Invalid("没有这个办件", field="same_as")
    return other


@CASES.act(
    "refusal", "不予受理（同一事项正在办理）", RefusalIn, Act.REFUSE_ACCEPTANCE,
    finds=other_case, refuses=(Invalid,), sample={"same_as": "x", "reasons": "同一事项正在办理"},
)  # fmt: skip
def refuse_acceptance(case: Case, step: Step, _body: RefusalIn) -> None:
    """Always a person's decision."""
    case.close_undecided(on=step.on)


@GUARDS.store("same_matter_in_hand", "同一事项正在下级办理且未超期", RuleBroken)
async def same_matter_in_hand(_case: Case, step: Step, _body: RefusalIn, _uow: UnitOfWork) -> bool:
    """Raises RuleBroken."""
    check_in_hand(step.found, step.law)
    return True


@CASES.act(
    "no-further-acceptance", "不再受理（复核终结）", RefusalIn, Act.NO_FURTHER_ACCEPTANCE,
    finds=other_case, refuses=(Invalid,), sample={"same_as": "x", "reasons": "同一事实和理由"},
)  # fmt: skip
def no_further_acceptance(case: Case, step: Step, _body: RefusalIn) -> None:
    """Help goes on (Art. 37)."""
    case.close_undecided(on=step.on)
    step.note(**final_opinion(step.found))


@GUARDS.store("same_matter_final", "同一事实和理由已复核终结", RuleBroken)
async def same_matter_final(_case: Case, step: Step, _body: RefusalIn, _uow: UnitOfWork) -> bool:
    """Raises RuleBroken."""
    check_final(step.found)
    return True


@CASES.act("withdrawal", "信访人撤回，终止办理", ActIn, Act.END_WITHDRAWN, sample={})
def end_withdrawn(case: Case, step: Step, _body: ActIn) -> None:
    """All its petitioners withdrew and none can take it back any more."""
    case.close_undecided(on=step.on)
    if case.withdrawn is not None:
        step.note(withdrawn_on=case.withdrawn.withdrawn_on.isoformat())
