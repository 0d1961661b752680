"""Acts of the organ a case was handed to, and of the one that handed it: sign, object, judge."""

from __future__ import annotations

from datetime import date

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import Act, ObjectionTooLate, ReasonsMissing
from services.routing.cases.domain.due import objection_window
from services.routing.cases.domain.procedure import Row
from services.routing.cases.use_cases.rules import decider_of
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import ActIn, FewWords
from services.routing.jurisdiction.domain.decision import Reason
from shared.reference.editions import Reference
from shared.web.bodies import Flag


@act("signature", "签收", ActIn, Act.SIGN)
async def sign(step: Step, body: ActIn) -> Row:  # noqa: ARG001  the act says all
    """The organ has it in hand; the period to accept runs from the handing over."""
    return step.take(Act.SIGN)


class ObjectionIn(ActIn):
    """异议, with detailed reasons (Art. 23(3))."""

    reasons: FewWords


@act("objection", "提出异议", ObjectionIn, Act.OBJECT)
async def object_to(step: Step, body: ObjectionIn) -> Row:
    """Not ours: within five working days, with detailed reasons (Art. 23(3)). Where the limit table
    has no window there is no such right.

    Raises ReasonsMissing, ObjectionTooLate (the window lapsed; it is not overdue)."""
    if not body.reasons:
        raise ReasonsMissing("提出异议须详细说明理由")
    last_day = _last_day(step.case, step.uow.reference)
    if step.on > last_day:
        raise ObjectionTooLate(f"异议期已于{last_day.isoformat()}届满", last_day=str(last_day))
    held = step.case.current
    row = step.take(Act.OBJECT)
    if held is not None:
        held.objected_on, held.objection_reasons = step.on, body.reasons
    return row


class VerdictIn(ActIn):
    """The sender's verdict; reasons are needed to refuse."""

    upheld: Flag
    reasons: FewWords = ""


def _verdict(case: Case, body: VerdictIn) -> Act:  # noqa: ARG001  a choice sees both
    return Act.UPHOLD if body.upheld else Act.REFUSE


@act("verdict", "核实异议", VerdictIn, _verdict)
async def judge_objection(step: Step, body: VerdictIn) -> Row:
    """Uphold an objection (the case needs a new destination) or refuse it (it must be accepted).

    After too many upheld the petition office one level up decides (Art. 24). Raises ReasonsMissing
    for a refusal without reasons."""
    if not body.upheld and not body.reasons:
        raise ReasonsMissing("不予采纳异议须说明理由")
    case = step.case
    held = case.current
    row = step.take(Act.UPHOLD if body.upheld else Act.REFUSE)
    if held is not None:
        held.verdict = "upheld" if body.upheld else "refused"
        held.verdict_on, held.verdict_reasons = step.on, body.reasons
    if body.upheld:
        case.objections_upheld += 1
        _next_decider(case, step.uow.reference, step.on)
    return row


def _next_decider(case: Case, reference: Reference, on: date) -> None:
    """Who decides after an objection was upheld: the office that decided; after too many the
    nearest common superior of those who would not have it, always above that office; where there is
    none inside the deployment, the joint conference is asked first (Art. 24)."""
    case.back_to_decider(Reason.OBJECTION_UPHELD)
    if case.objections_upheld % reference.casework.upheld_before_superior:
        return
    unwilling = [each.organ_code for each in case.referrals if each.verdict == "upheld"]
    above = reference.organs.common_superior(
        [case.decider, *unwilling], root=reference.root_division
    )
    if above is None:
        case.back_to_decider(Reason.NO_COMMON_SUPERIOR)
        return
    case.decider = decider_of(reference, case, above.code, on=on)
    case.back_to_decider(Reason.BOUNCED)


def _last_day(case: Case, reference: Reference) -> date:
    held = case.current
    window = held and objection_window(
        case, held, limits=reference.limits, calendar=reference.calendar
    )
    return window.on if window else date.min
