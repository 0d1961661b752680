"""Acts of the competent organ from acceptance to the written opinion (Art. 23, 28, 31-34)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import WrongOpinion
from services.routing.cases.domain.due import handling_due
from services.routing.cases.domain.guards import GUARDS
from services.routing.cases.domain.rules import suspending
from services.routing.casework.use_cases.flow import CASES
from services.routing.common.use_cases.bodies import LongText, ShortLine, ShortText
from shared.kernel.errors import Invalid
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import Opinion
from shared.web.bodies import Day, Flag, StaffText, Whole
from shared.workflow.bodies import ActIn, ReasonsIn, Words, said
from shared.workflow.guards import Step
from shared.workflow.table import RuleBroken

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Days = Annotated[Whole, Field(ge=1, le=366)]


class AcceptanceIn(ActIn):
    """受理；`simple`：适用简易办理。"""

    simple: Flag = False


@CASES.act("acceptance", "受理", AcceptanceIn, Act.ACCEPT, sample={}, bulk=True)
def accept(case: Case, step: Step, _body: AcceptanceIn) -> None:
    """The handling limit runs from today (Art. 34)."""
    case.accept(on=step.on)


@GUARDS.body("simple_fits", "简易程序只用于适宜的事项", RuleBroken)
def simple_fits(case: Case, step: Step, body: AcceptanceIn) -> bool:
    """Raises RuleBroken where the simple procedure is asked for and is not for such a case."""
    if body.simple:
        rules = step.reference.casework
        case.check_simple(rules.simple_kinds, rules.simple_purposes)
    return True


CASES.plain("handover", "检举控告移交办结", ActIn, Act.HAND_OVER)
CASES.plain(
    "ordinary-procedure", "转为普通程序", ReasonsIn, Act.TO_ORDINARY, sample={"reasons": "情况复杂"}
)


class SupplementIn(ActIn):
    """请信访人补充什么；需要打印文书的，写明理由、时间和方式。办理期限不因此停止。"""

    wanted: Words
    reason: ShortText | None = None
    wanted_by: Day | None = None
    hand_in: ShortLine | None = None


@CASES.act(
    "supplement-request", "请补充材料", SupplementIn, Act.REQUEST_SUPPLEMENT,
    sample={"wanted": "购房合同"}, refuses=(Invalid,),
)  # fmt: skip
def request_supplement(case: Case, step: Step, body: SupplementIn) -> None:
    """The handling limit runs on."""
    case.ask_supplement(wanted_by=body.wanted_by, on=step.on)


class SuppliedIn(ActIn):
    """收到了什么；材料本身由登记服务保管。"""

    received: Words


CASES.plain(
    "supplement", "收到补充材料", SuppliedIn, Act.TAKE_SUPPLEMENT,
    sample={"received": "购房合同复印件"},
)  # fmt: skip


class RecusalIn(ReasonsIn):
    """回避：谁回避，由谁接替；填工作人员的账号。"""

    person: Person
    replaced_by: Person


def _recused(body: RecusalIn) -> dict[str, Any]:
    return {"recused": body.person, "replaced_by": body.replaced_by, "reasons": body.reasons}


@CASES.act(
    "recusal", "回避", RecusalIn, Act.RECUSE, says=_recused, refuses=(Invalid, RuleBroken),
    sample={"person": "clerk", "replaced_by": "other clerk", "reasons": "系亲属"},
)  # fmt: skip
def recuse(case: Case, step: Step, body: RecusalIn) -> None:
    """The head decides, never about themselves."""
    case.recuse(body.person, replaced_by=body.replaced_by, by=step.person)


class ExtensionIn(ReasonsIn):
    """延期：延长的天数，以及为什么情况复杂。"""

    days: Days


CASES.plain(
    "extension", "延长办理期限", ExtensionIn, Act.EXTEND,
    sample={"days": 30, "reasons": "须鉴定"},
)  # fmt: skip


@GUARDS.body("extension_fits", "不超过时限表允许的天数", RuleBroken)
def extension_fits(case: Case, step: Step, body: ExtensionIn) -> bool:
    """Raises RuleBroken for more days than the limit in force allows."""
    limits = step.reference.limits
    due = handling_due(case, limits=limits, calendar=step.reference.calendar)
    most = limits[due.limit_id].extension_days if due else 0
    if body.days > most:
        raise RuleBroken(f"延长期限不得超过{most}日")
    return True


class SuspensionIn(ReasonsIn):
    """中止办理：中止的最后一日，以及当地规定的情形。"""

    until: Day


@CASES.act(
    "suspension", "中止办理（仅限时限规则有规定的地方）", SuspensionIn, Act.SUSPEND,
    sample={"until": "2026-04-01", "reasons": "须以另案的结果为依据"}, refuses=(Invalid,),
)  # fmt: skip
def suspend(case: Case, step: Step, body: SuspensionIn) -> None:
    """Its last day is said at once, so a limit never stands still without an end; the article stays
    with the act."""
    case.suspend(until=body.until, on=step.on)
    rule = suspending(step.reference, case)
    step.note(article=rule.article if rule else "")


CASES.plain("resumption", "恢复办理", ReasonsIn, Act.RESUME, sample={"reasons": "另案已有结果"})


class AnswerIn(ActIn):
    """信访处理意见书（第三十二条）：意见及依据；需要打印文书的，分项写明请求、事实和理由。"""

    opinion: Opinion
    text: LongText
    legal_basis: Annotated[str, StaffText(2_000, least=0)] = ""
    request: LongText | None = None
    facts: LongText | None = None
    reasons: LongText | None = None


def _apart(body: AnswerIn) -> dict[str, Any]:
    """The text itself is kept with the hold."""
    return said(body, without=frozenset(("text", "legal_basis")))


@CASES.act(
    "answer", "出具处理意见", AnswerIn, Act.ANSWER, says=_apart,
    sample={
        "opinion": "supported", "text": "已责令整改。", "legal_basis": "《建设工程质量管理条例》",
    },
)  # fmt: skip
def answer(case: Case, step: Step, body: AnswerIn) -> None:
    """The written opinion (Art. 32), or the reply to a suggestion (Art. 29)."""
    case.give_opinion(body.opinion, body.text, body.legal_basis, on=step.on)


class ReviewIn(AnswerIn):
    """复查、复核意见；`redo_by`：责令重新办理的，写明期限以便打印文书。"""

    redo_by: Day | None = None


@CASES.act(
    "review", "作出复查、复核意见", ReviewIn, Act.REVIEW, says=_apart,
    sample={"opinion": "upheld", "text": "事实清楚，维持。"},
)  # fmt: skip
def review(case: Case, step: Step, body: ReviewIn) -> None:
    """Uphold, revoke, change, or order it done again (Art. 35, 36)."""
    case.give_opinion(body.opinion, body.text, body.legal_basis, on=step.on)


@GUARDS.body("opinion_fits", "意见种类与信访目的相符", WrongOpinion)
def opinion_fits(case: Case, _step: Step, body: AnswerIn) -> bool:
    """Raises WrongOpinion."""
    case.check_opinion(body.opinion)
    return True
