"""Review 复查 and re-review 复核 by the organ one level up, in time, to the end (Art. 35, 36)."""

from __future__ import annotations

from services.routing.cases.domain.case_steps import (
    Act,
    ReferralKind,
    ReferralState,
    RuleBroken,
    TooLate,
)
from services.routing.cases.domain.due import remedy_until
from services.routing.cases.domain.procedure import Row
from services.routing.casework.acts.frame import Step, act
from services.routing.casework.acts.handling import AnswerIn, write_opinion
from services.routing.common.use_cases.bodies import ActIn, ReasonsIn
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.web.bodies import Day


class ReviewRequestIn(ActIn):
    """The petitioner's request, as it came to the organ; never before the opinion was delivered."""

    requested_on: Day


@act("review-request", "申请复查、复核", ReviewRequestIn, Act.REQUEST_REVIEW)
async def request_review(step: Step, body: ReviewRequestIn) -> Row:
    """Take a request for review to the organ one level above the one that answered; its thirty days
    run from receipt (Art. 35, 36).

    Raises TooLate, RuleBroken where no organ is above inside the deployment."""
    case, reference = step.case, step.uow.reference
    held = case.last
    if held is None or held.delivered_on is None:
        raise RuleBroken("处理意见没有送达的，不能申请复查")
    if not held.delivered_on <= body.requested_on <= step.on:
        raise Invalid("申请日期须在送达之日以后、今天以前", field="requested_on")
    last_day = remedy_until(case, held, limits=reference.limits, calendar=reference.calendar)
    if last_day is not None and body.requested_on > last_day.on:
        raise TooLate(f"申请期已于{last_day.on.isoformat()}届满", last_day=str(last_day.on))
    above = reference.organs.superior(held.organ_code, root=reference.root_division)
    if above is None:
        raise RuleBroken("本平台内没有上一级机关，请告知信访人向上一级机关提出")
    kind = ReferralKind.RE_REVIEW if held.is_review else ReferralKind.REVIEW
    row = step.take(Act.REQUEST_REVIEW, requested_on=body.requested_on.isoformat())
    case.closed_on = case.closing_kind = None
    case.add(
        kind, above.code, above.division_code, referral_id=new_id(), from_organ=held.organ_code,
        on=step.on, state=ReferralState.ACCEPTED, accepted_on=step.on,
    )  # fmt: skip
    return row


@act("review-refusal", "不予受理复查、复核申请", ReasonsIn, Act.REFUSE_REVIEW)
async def refuse_review(step: Step, body: ReasonsIn) -> Row:
    """The reviewing organ finds that no review is due, and says why."""
    held = step.case.current
    row = step.take(Act.REFUSE_REVIEW, reasons=body.reasons)
    if held is not None:
        held.answered_on = step.on
    return row


class ReviewIn(AnswerIn):
    """复查、复核意见; `redo_by`: until when the matter is to be handled again, where that is
    ordered and the paper is to be printed."""

    redo_by: Day | None = None


@act("review", "作出复查、复核意见", ReviewIn, Act.REVIEW)
async def review(step: Step, body: ReviewIn) -> Row:
    """Uphold, revoke, change, or order it done again (Art. 35, 36)."""
    return write_opinion(step, Act.REVIEW, body)
