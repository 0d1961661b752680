"""Acts of the competent organ from acceptance to the written opinion (Art. 23, 28, 31-34)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import Act, Opinion, RuleBroken, TooLate
from services.routing.cases.domain.due import Due, handling_due
from services.routing.cases.domain.procedure import Row
from services.routing.cases.domain.referral import Referral
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import (
    ActIn,
    LongText,
    ReasonsIn,
    ShortLine,
    ShortText,
    Words,
    said,
)
from shared.kernel.errors import Invalid
from shared.web.bodies import Day, Flag, StaffText, Whole

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Days = Annotated[Whole, Field(ge=1, le=366)]


class AcceptanceIn(ActIn):
    """受理; `simple` for 简易办理."""

    simple: Flag = False


@act("acceptance", "受理", AcceptanceIn, Act.ACCEPT)
async def accept(step: Step, body: AcceptanceIn) -> Row:
    """Accept the case; the handling limit runs from today (Art. 34)."""
    held = _held(step.case)
    rules = step.uow.reference.casework
    if body.simple and (
        str(held.kind) not in rules.simple_kinds or step.case.purpose not in rules.simple_purposes
    ):
        raise RuleBroken("交办、检举控告等事项不适用简易办理")
    if body.simple and len(step.case.petition_ids) > 1:
        raise RuleBroken("简易办理只用于初次信访事项")
    if body.simple and any(p.is_there and p.referral == held.ordinal for p in step.case.parts):
        raise RuleBroken("涉及多个责任单位的，不适用简易办理")
    row = step.take(Act.ACCEPT, **({"simple": True} if body.simple else {}))
    held.accepted_on = step.on
    return row


@act("handover", "检举控告移交办结", ActIn, Act.HAND_OVER)
async def hand_over(step: Step, body: ActIn) -> Row:  # noqa: ARG001  the act says all
    """The competent body took the accusation over; its own procedure goes on (Art. 30)."""
    return step.take(Act.HAND_OVER)


@act("ordinary-procedure", "转为普通程序", ReasonsIn, Act.TO_ORDINARY)
async def to_ordinary(step: Step, body: ReasonsIn) -> Row:
    """The matter turned out unfit for the simple procedure: the ordinary limit, from acceptance."""
    return step.take(Act.TO_ORDINARY, reasons=body.reasons)


class SupplementIn(ActIn):
    """What the petitioner is asked to add; why, by when and how, where the paper is to be printed.
    No limit stops for it: the law has no such stop."""

    wanted: Words
    reason: ShortText | None = None
    wanted_by: Day | None = None
    hand_in: ShortLine | None = None


@act("supplement-request", "请补充材料", SupplementIn, Act.REQUEST_SUPPLEMENT)
async def request_supplement(step: Step, body: SupplementIn) -> Row:
    """Ask for materials; the handling limit runs on."""
    if body.wanted_by is not None and body.wanted_by < step.on:
        raise Invalid("建议提交日期不得早于今天", field="wanted_by")
    return step.take(Act.REQUEST_SUPPLEMENT, **said(body))


class SuppliedIn(ActIn):
    """What came, in a word; the materials themselves are intake's."""

    received: Words


@act("supplement", "收到补充材料", SuppliedIn, Act.TAKE_SUPPLEMENT)
async def take_supplement(step: Step, body: SuppliedIn) -> Row:
    """The materials came."""
    return step.take(Act.TAKE_SUPPLEMENT, received=body.received)


class RecusalIn(ReasonsIn):
    """回避: who withdraws and who takes over; staff, by the subject of their token."""

    person: Person
    replaced_by: Person


@act("recusal", "回避", RecusalIn, Act.RECUSE)
async def recuse(step: Step, body: RecusalIn) -> Row:
    """Somebody with a direct interest withdraws; the head decides (Art. 28(3))."""
    if body.person == body.replaced_by:
        raise Invalid("接替人不能是回避人", field="replaced_by")
    if step.actor.person == body.person:
        raise RuleBroken("本人的回避由其他负责人决定")
    return step.take(
        Act.RECUSE, recused=body.person, replaced_by=body.replaced_by, reasons=body.reasons
    )


class ExtensionIn(ReasonsIn):
    """延期: days asked for, and why the case is complex."""

    days: Days


@act("extension", "延长办理期限", ExtensionIn, Act.EXTEND)
async def extend(step: Step, body: ExtensionIn) -> Row:
    """Once, by the organ's head and not by who asks, before the end, no more than the table allows,
    and told to the petitioner (Art. 34)."""
    due = _due(step)
    row = step.uow.reference.limits[due.limit_id]
    if step.on > due.on:
        raise TooLate(f"办理期限已于{due.on.isoformat()}届满", last_day=str(due.on))
    if body.days > row.extension_days:
        raise RuleBroken(f"延长期限不得超过{row.extension_days}日")
    return step.take(Act.EXTEND, days=body.days, reasons=body.reasons)


class AnswerIn(ActIn):
    """信访处理意见书 (Art. 32): the opinion, its basis; request, facts and reasons apart where the
    paper is to be printed from them."""

    opinion: Opinion
    text: LongText
    legal_basis: Annotated[str, StaffText(2_000, least=0)] = ""
    request: LongText | None = None
    facts: LongText | None = None
    reasons: LongText | None = None


@act("answer", "出具处理意见", AnswerIn, Act.ANSWER)
async def answer(step: Step, body: AnswerIn) -> Row:
    """Issue the written opinion (Art. 32), or the reply to a suggestion (Art. 29)."""
    row = write_opinion(step, Act.ANSWER, body)
    step.case.answered_on = step.on
    return row


def write_opinion(step: Step, which: Act, body: AnswerIn) -> Row:
    """An opinion of handling or of a review. Raises WrongOpinion."""
    held = _held(step.case)
    step.case.check_opinion(body.opinion)
    apart = said(body, without=frozenset(("text", "legal_basis")))
    row = step.take(which, **apart)
    held.opinion, held.answer_text, held.legal_basis = body.opinion, body.text, body.legal_basis
    held.answered_on = step.on
    return row


def _held(case: Case) -> Referral:
    held = case.current
    if held is None:
        raise Invalid("没有承办单位")
    return held


def _due(step: Step) -> Due:
    """The handling limit; the period an assigner set beside it is not the law's to extend."""
    reference = step.uow.reference
    due = handling_due(step.case, limits=reference.limits, calendar=reference.calendar)
    if due is None:
        raise RuleBroken("没有适用的办理期限")
    return due
