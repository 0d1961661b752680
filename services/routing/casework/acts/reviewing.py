"""Review 复查 and re-review 复核 by the organ one level up, in time, to the end (Art. 35, 36)."""

from __future__ import annotations

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import TooLate
from services.routing.cases.domain.due import remedy_until
from services.routing.cases.domain.guards import GUARDS
from services.routing.casework.use_cases.flow import CASES
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.vocabulary.acts import Act
from shared.web.bodies import Day
from shared.workflow.bodies import ActIn, ReasonsIn
from shared.workflow.guards import Step


class ReviewRequestIn(ActIn):
    """信访人提出申请的日期，不早于意见送达之日。"""

    requested_on: Day


@CASES.act(
    "review-request", "申请复查、复核", ReviewRequestIn, Act.REQUEST_REVIEW, refuses=(Invalid,),
    sample={"requested_on": "2026-03-02"},
)  # fmt: skip
def request_review(case: Case, step: Step, body: ReviewRequestIn) -> None:
    """To the organ one level above the one that answered; its thirty days run from receipt."""
    case.check_review_request(body.requested_on, on=step.on)
    rules, held = step.reference, case.last
    above = held and rules.organs.superior(held.organ_code, root=rules.root_division)
    if above:
        case.ask_review(above, referral_id=new_id(), on=step.on)


@GUARDS.body("in_time", "收到书面答复之日起三十日内", TooLate)
def in_time(case: Case, step: Step, body: ReviewRequestIn) -> bool:
    """Raises TooLate."""
    rules, held = step.reference, case.last
    last_day = held and remedy_until(case, held, limits=rules.limits, calendar=rules.calendar)
    if last_day and body.requested_on > last_day.on:
        raise TooLate(f"申请期已于{last_day.on.isoformat()}届满", last_day=str(last_day.on))
    return True


@CASES.act(
    "review-refusal", "不予受理复查、复核申请", ReasonsIn, Act.REFUSE_REVIEW,
    sample={"reasons": "申请复查的事项未经答复"},
)  # fmt: skip
def refuse_review(case: Case, step: Step, _body: ReasonsIn) -> None:
    """The reviewing organ finds that no review is due, and says why."""
    case.refuse_review(on=step.on)
