"""The table of relief and its conditions: which step, in which state, by whom (Art. 37)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from services.routing.relief.domain.relief import (
    MoreThanApproved,
    Relief,
    SamePerson,
)
from services.routing.relief.domain.relief_ledger import ConditionalRelief, check_unconditional
from shared.kernel.errors import Invalid
from shared.vocabulary.relief import ReliefAct, ReliefBy, ReliefKind, ReliefState
from shared.workflow.guards import Guards, Step
from shared.workflow.table import Row, Table, read


def _rows() -> tuple[Row, ...]:
    text = (Path(__file__).parents[1] / "procedure.csv").read_text(encoding="utf-8")
    source = "relief/procedure.csv"
    return read(text, Row, act=ReliefAct, state=ReliefState, by=ReliefBy, source=source).rows


TABLE: Final[Table[Row]] = Table(_rows)
GUARDS: Final = Guards[Relief]()
WORDS: Final = ("reasons", "description", "received", "reference")
"""Members of bodies that are texts about the help."""


@GUARDS.body("unconditional", "不附加任何条件", ConditionalRelief)
def unconditional(_relief: Relief, _step: Step, body: Any) -> bool:
    """Help depends on nothing (Art. 37(2))."""
    check_unconditional(*(getattr(body, name, None) for name in WORDS))
    return True


@GUARDS.entity("described", "写明实物或服务的内容", Invalid)
def described(relief: Relief) -> bool:
    """What is given is known from the application on."""
    if relief.kind is ReliefKind.IN_KIND and not relief.description:
        raise Invalid("请写明实物或服务的内容", field="description")
    return True


@GUARDS.body("fund_serves", "由本办件可用的资金支出", Invalid)
def fund_serves(relief: Relief, step: Step, _body: Any) -> bool:
    """The fund is of an organ involved in the case, or of its division or one above; `step.found`
    is the fund and the organs involved."""
    fund, involved = step.found
    if relief.case is None or not fund.serves(relief.case, involved, step.reference):
        raise Invalid("没有可用于本办件的这笔资金", field="fund_id")
    return True


@GUARDS.body("other_person", "由申请人以外的人审批", SamePerson)
def other_person(relief: Relief, step: Step, _body: Any) -> bool:
    """Who applied does not decide."""
    if step.person == relief.applied_by:
        raise SamePerson("申请人不得审批自己的申请")
    return True


@GUARDS.body("within_asked", "不超过申请金额", Invalid)
def within_asked(relief: Relief, _step: Step, body: Any) -> bool:
    """No more than was asked for."""
    if body.amount_fen is not None and not 0 < body.amount_fen <= relief.asked:
        raise Invalid("批准金额须大于零且不超过申请金额", field="amount_fen")
    return True


@GUARDS.body("received_named", "写明交付的实物或服务", Invalid)
def received_named(relief: Relief, _step: Step, body: Any) -> bool:
    """Of help in kind, what the person received."""
    if relief.kind is ReliefKind.IN_KIND and not body.received:
        raise Invalid("请写明交付的实物或服务", field="received")
    return True


@GUARDS.body("within_approved", "不超过尚未发放的批准金额", MoreThanApproved)
def within_approved(relief: Relief, _step: Step, body: Any) -> bool:
    """No more than was approved and not yet given."""
    if body.amount_fen > relief.left:
        raise MoreThanApproved("超过尚未发放的批准金额", left=relief.left)
    return True


@GUARDS.body("since_approval", "在批准之日至今天之间发放", Invalid)
def since_approval(relief: Relief, step: Step, body: Any) -> bool:
    """Nothing is handed over before it was approved, nor tomorrow."""
    if relief.decided_on is None or not relief.decided_on <= body.paid_on <= step.on:
        raise Invalid("发放日期须在批准之日至今天之间", field="paid_on")
    return True


@GUARDS.entity("nothing_given", "尚未发放")
def nothing_given(relief: Relief) -> bool:
    """Nothing was handed over."""
    return relief.given == 0
