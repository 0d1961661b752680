"""Joint handling 会办: parts for the organs a matter concerns, one lead, one opinion (Art. 24)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.guards import GUARDS
from services.routing.casework.domain.sharing import Share, check_assistants, share_out
from services.routing.casework.use_cases.flow import CASES
from services.routing.common.use_cases.bodies import LongText, OrganCode
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import PartRole
from shared.web.bodies import Day, Flag, Whole
from shared.workflow.bodies import ActIn, FewWords, ReasonsIn, Request, Words
from shared.workflow.guards import Step
from shared.workflow.table import RuleBroken

Ordinal = Annotated[Whole, Field(ge=1, le=10_000, description="分工序号")]


class ShareIn(Request):
    """一个单位的分工：角色、任务、期限。"""

    organ_code: OrganCode
    role: PartRole
    task: Words
    due_on: Day


class SharingIn(ActIn):
    """责任分解表中要增加的分工。"""

    parts: Annotated[list[ShareIn], Field(min_length=1, max_length=50)]


def _shares(body: SharingIn) -> Iterable[Share]:
    return (
        Share(new_id(), each.organ_code, each.role, each.task, each.due_on) for each in body.parts
    )


@CASES.act(
    "parts", "会办分工", SharingIn, Act.SHARE, refuses=(Invalid,),
    sample={"parts": [{
        "organ_code": "430104000000-JUSTICE", "role": "legal_aid", "task": "提供法律援助",
        "due_on": "2026-03-20",
    }]},
)  # fmt: skip
def share(case: Case, step: Step, body: SharingIn) -> None:
    """By who sends the matter, before acceptance; then by the lead."""
    share_out(case, _shares(body), step.law, by=step.organ)


@GUARDS.body(
    "assistants_fit",
    "会办单位不是牵头单位、被反映的单位及其下级；不得把牵头责任推给下级",
    RuleBroken,
    Invalid,
)
def assistants_fit(case: Case, step: Step, body: SharingIn) -> bool:
    """Raises RuleBroken, Invalid."""
    check_assistants(case, _shares(body), step.law)
    return True


class PartAnswerIn(ActIn):
    """会办单位对其分工的意见。"""

    part: Ordinal
    opinion: LongText


def _who_has(case: Case, body: PartAnswerIn) -> str | None:
    found = [part.organ_code for part in case.parts if part.ordinal == body.part]
    return found[0] if found else None


@CASES.act(
    "part-answer", "提出会办意见", PartAnswerIn, Act.ANSWER_PART, whose=_who_has,
    sample={"part": 1, "opinion": "已指派律师，建议协商。"}, refuses=(Invalid, RuleBroken),
)  # fmt: skip
def answer_part(case: Case, step: Step, body: PartAnswerIn) -> None:
    """To the lead; the petitioner gets the lead's opinion alone."""
    case.part(body.part).answer(body.opinion, on=step.on)


class PartVerdictIn(ActIn):
    """牵头单位的审核结论；退回须说明理由。"""

    part: Ordinal
    accepted: Flag
    reasons: FewWords = ""


@CASES.act(
    "part-verdict", "审核会办意见", PartVerdictIn, Act.JUDGE_PART,
    sample={"part": 1, "accepted": True}, refuses=(Invalid, RuleBroken),
)  # fmt: skip
def judge_part(case: Case, step: Step, body: PartVerdictIn) -> None:
    """Returned, another opinion is owed by the same day."""
    part = case.part(body.part)
    part.judge(accepted=body.accepted, reasons=body.reasons, on=step.on)


class PartExcuseIn(ReasonsIn):
    """哪一项分工不需要了，以及原因。"""

    part: Ordinal


@CASES.act(
    "part-excuse", "免除会办分工", PartExcuseIn, Act.EXCUSE_PART,
    sample={"part": 1, "reasons": "信访人不需要法律援助"}, refuses=(Invalid, RuleBroken),
)  # fmt: skip
def excuse_part(case: Case, step: Step, body: PartExcuseIn) -> None:
    """The organ has nothing to do with the case any more and sees it no longer."""
    case.part(body.part).excuse(by=step.organ, reasons=body.reasons, on=step.on)
