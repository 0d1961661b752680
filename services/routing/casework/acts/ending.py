"""Delivery, report-back, carrying out, and what closed, solved and settled mean (Art. 22, 32, 35).

Closed 办结, solved 化解 and settled for good 案结事了 are three facts, each with its own act.
"""

from __future__ import annotations

from enum import StrEnum

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import Act, ReferralKind, ReferralState, RuleBroken
from services.routing.cases.domain.due import remedy_until
from services.routing.cases.domain.procedure import Row
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import ActIn, FewWords, ReasonsIn, Words
from shared.kernel.ids import new_id
from shared.web.bodies import Flag


class DeliveryMethod(StrEnum):
    """送达方式."""

    IN_PERSON = "in_person"
    POST = "post"
    ONLINE = "online"
    PHONE = "phone"
    OTHER = "other"


class DeliveryIn(ActIn):
    """送达 or 告知; `refused`: the person would not take it, which is noted and is delivery too."""

    method: DeliveryMethod
    proof: Words | None = None
    refused: Flag = False


def _delivery(case: Case, body: DeliveryIn) -> Act:  # noqa: ARG001  a choice sees both
    return Act.TELL if Act.TELL in case.allowed else Act.DELIVER


@act("delivery", "送达或告知", DeliveryIn, _delivery)
async def deliver(step: Step, body: DeliveryIn) -> Row:
    """The opinion was delivered, or the petitioner was told where to go. A review that orders it
    done again sends the case back to the organ that handled it."""
    case = step.case
    held = case.current
    row = step.take(
        _delivery(case, body), method=str(body.method), proof=body.proof, refused=body.refused
    )
    if held is None:
        return row
    held.delivery_method, held.delivered_on = str(body.method), step.on
    if not held.is_review:
        case.delivered_on = step.on
    handler = case.handling
    if row.closes is None and handler is not None:
        case.add(
            handler.kind if handler.kind is not ReferralKind.ASSIGNMENT else ReferralKind.TRANSFER,
            handler.organ_code, handler.organ_division, referral_id=new_id(),
            from_organ=held.organ_code, on=step.on, state=ReferralState.ACCEPTED,
            accepted_on=step.on,
        )  # fmt: skip
    return row


class ReportIn(ActIn):
    """办结报告: what was found and done."""

    report: Words


@act("report", "报送办结报告", ReportIn, Act.REPORT)
async def report(step: Step, body: ReportIn) -> Row:
    """An assignment ends with a closing report to the assigner (Art. 22(3))."""
    return step.take(Act.REPORT, report=body.report)


class ReportVerdictIn(ActIn):
    """The assigner's verdict on a closing report; reasons are needed to return it."""

    accepted: Flag
    reasons: FewWords = ""


def _report_verdict(case: Case, body: ReportVerdictIn) -> Act:  # noqa: ARG001  as above
    return Act.TAKE_REPORT if body.accepted else Act.RETURN_REPORT


@act("report-verdict", "审核办结报告", ReportVerdictIn, _report_verdict)
async def judge_report(step: Step, body: ReportVerdictIn) -> Row:
    """Take the closing report, or return it with reasons: another is owed then."""
    if not body.accepted and not body.reasons:
        raise RuleBroken("退回办结报告须说明理由")
    return step.take(_report_verdict(step.case, body), reasons=body.reasons)


class OutcomeIn(ActIn):
    """What was done, and what the petitioner received of it."""

    outcome: Words


@act("carrying-out", "登记处理意见落实", OutcomeIn, Act.CARRY_OUT)
async def carry_out(step: Step, body: OutcomeIn) -> Row:
    """A supporting opinion, an adopted suggestion was carried out (Art. 32)."""
    return step.take(Act.CARRY_OUT, outcome=body.outcome)


class SolutionIn(ActIn):
    """化解: how the dispute was solved. `consented`: the petitioner said so by an act of their own;
    nothing may depend on it."""

    how: Words
    consented: Flag


@act("solution", "登记化解", SolutionIn, Act.SOLVE)
async def solve(step: Step, body: SolutionIn) -> Row:
    """The dispute itself is solved, which closing alone does not say."""
    return step.take(Act.SOLVE, how=body.how, consented=body.consented)


@act("settlement", "登记案结事了", ReasonsIn, Act.SETTLE)
async def settle(step: Step, body: ReasonsIn) -> Row:
    """Solved, carried out, and the petitioner's remedies used or over."""
    case = step.case
    _no_remedy_left(step)
    if Act.CARRY_OUT in case.allowed:
        raise RuleBroken("处理意见尚未落实")
    return step.take(Act.SETTLE, reasons=body.reasons)


@act("archiving", "归档", ActIn, Act.ARCHIVE)
async def archive(step: Step, body: ActIn) -> Row:  # noqa: ARG001  the act says all
    """Close the file once no remedy is open; it is kept for the years the rules say."""
    _no_remedy_left(step)
    return step.take(Act.ARCHIVE)


def _no_remedy_left(step: Step) -> None:
    case, reference = step.case, step.uow.reference
    held = case.last
    if held is None or Act.REQUEST_REVIEW not in case.allowed:
        return
    last_day = remedy_until(case, held, limits=reference.limits, calendar=reference.calendar)
    if last_day is not None and step.on <= last_day.on:
        raise RuleBroken(f"信访人申请复查、复核的期限至{last_day.on.isoformat()}，此前不得归档")
