"""Acts of the organ a case was handed to, and of the one that handed it: sign, object, judge."""

from __future__ import annotations

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import ReasonsMissing
from services.routing.casework.use_cases.flow import CASES
from shared.vocabulary.acts import Act
from shared.web.bodies import Flag
from shared.workflow.bodies import ActIn, FewWords
from shared.workflow.guards import Step

CASES.plain("signature", "签收", ActIn, Act.SIGN, bulk=True)


class ObjectionIn(ActIn):
    """异议及详细理由（第二十三条第三款）。"""

    reasons: FewWords


@CASES.act(
    "objection", "提出异议", ObjectionIn, Act.OBJECT, sample={"reasons": "不属于本机关职责"},
    refuses=(ReasonsMissing,),
)  # fmt: skip
def object_to(case: Case, step: Step, body: ObjectionIn) -> None:
    """The case is not its own, says the organ."""
    case.object_to(body.reasons, on=step.on)


class VerdictIn(ActIn):
    """转送、交办机关的核实结论；异议不成立的，须说明理由。"""

    upheld: Flag
    reasons: FewWords = ""


@CASES.act(
    "verdict", "核实异议", VerdictIn, Act.UPHOLD, Act.REFUSE, sample={"upheld": True},
    choose=lambda _, body: Act.UPHOLD if body.upheld else Act.REFUSE, refuses=(ReasonsMissing,),
)  # fmt: skip
def judge_objection(case: Case, step: Step, body: VerdictIn) -> None:
    """Upheld, the case needs a new destination; refused, it must be accepted."""
    case.judge_objection(
        upheld=body.upheld, reasons=body.reasons, reference=step.reference, on=step.on
    )
