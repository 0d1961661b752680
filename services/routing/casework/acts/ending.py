"""Delivery, report-back, carrying out, and what closed, solved and settled mean (Art. 22, 32, 35).

Closed 办结, solved 化解 and settled for good 案结事了 are three facts, each with its own act.
"""

from __future__ import annotations

from typing import Any

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import OfficeNotDone
from services.routing.cases.domain.guards import GUARDS
from services.routing.cases.use_cases.retaliation import check_office_done
from services.routing.casework.use_cases.flow import CASES
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.ids import new_id
from shared.vocabulary.acts import Act
from shared.vocabulary.papers import DeliveryMethod
from shared.web.bodies import Flag
from shared.workflow.bodies import ActIn, FewWords, ReasonsIn, Words
from shared.workflow.guards import Step
from shared.workflow.table import RuleBroken


class DeliveryIn(ActIn):
    """送达或告知；`refused`：信访人拒收，注明后视为送达。"""

    method: DeliveryMethod
    proof: Words | None = None
    refused: Flag = False


@CASES.act(
    "delivery", "送达或告知", DeliveryIn, Act.TELL, Act.DELIVER, sample={"method": "post"},
    choose=lambda case, _: Act.TELL if Act.TELL in case.allowed else Act.DELIVER, bulk=True,
)  # fmt: skip
def deliver(case: Case, step: Step, body: DeliveryIn) -> None:
    """A review that orders it done again gives the case back to the organ that handled it."""
    case.deliver(str(body.method), again=new_id(), on=step.on)


class ReportIn(ActIn):
    """办结报告：查明的情况和办理结果。"""

    report: Words


CASES.plain("report", "报送办结报告", ReportIn, Act.REPORT, sample={"report": "已办结"})


class ReportVerdictIn(ActIn):
    """交办机关的审核结论；退回须说明理由。"""

    accepted: Flag
    reasons: FewWords = ""


@CASES.act(
    "report-verdict", "审核办结报告", ReportVerdictIn, Act.TAKE_REPORT, Act.RETURN_REPORT,
    sample={"accepted": True}, refuses=(RuleBroken,),
    choose=lambda _, body: Act.TAKE_REPORT if body.accepted else Act.RETURN_REPORT,
)  # fmt: skip
def judge_report(case: Case, _step: Step, body: ReportVerdictIn) -> None:
    """Returned, another report is owed."""
    case.judge_report(accepted=body.accepted, reasons=body.reasons)


class OutcomeIn(ActIn):
    """做了什么，信访人得到了什么。"""

    outcome: Words


CASES.plain(
    "carrying-out", "登记处理意见落实", OutcomeIn, Act.CARRY_OUT, sample={"outcome": "已整改到位"}
)


class SolutionIn(ActIn):
    """化解：纠纷怎样解决；`consented`：信访人本人以其行为表示同意，不得以此作为任何条件。"""

    how: Words
    consented: Flag


CASES.plain(
    "solution", "登记化解", SolutionIn, Act.SOLVE, sample={"how": "漏水已修好", "consented": True}
)
CASES.plain(
    "settlement", "登记案结事了", ReasonsIn, Act.SETTLE, sample={"reasons": "已修好，无新诉求"}
)
CASES.plain("archiving", "归档", ActIn, Act.ARCHIVE, bulk=True)


@GUARDS.store("office_done", "信访部门没有尚未完成的事项", OfficeNotDone)
async def office_done(case: Case, _step: Step, _body: Any, uow: UnitOfWork) -> bool:
    """Asked of the database alone: what is offered must not tell that something is left to do.
    Raises OfficeNotDone."""
    await check_office_done(uow, case)
    return True
