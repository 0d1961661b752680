"""Joint handling 会办: parts for the organs a matter concerns, one lead, one opinion (Art. 24).

The organ that has the case leads and cannot give that away; the opinion cannot leave it while a
part is open.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.routing.cases.domain.accused import is_complained_of
from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import Act, CaseState, RuleBroken
from services.routing.cases.domain.parts import Part, PartRole
from services.routing.cases.domain.procedure import Row
from services.routing.cases.use_cases.rules import due_of
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import (
    ActIn,
    FewWords,
    LongText,
    OrganCode,
    ReasonsIn,
    Request,
    Words,
)
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.reference.organs import Organ
from shared.web.bodies import Day, Flag, Whole

Ordinal = Annotated[Whole, Field(ge=1, le=10_000, description="分工序号")]


class ShareIn(Request):
    """One organ's part: in which role, what it is to do, by when."""

    organ_code: OrganCode
    role: PartRole
    task: Words
    due_on: Day


class SharingIn(ActIn):
    """The parts to add to the sheet (责任分解表)."""

    parts: Annotated[list[ShareIn], Field(min_length=1, max_length=50)]


@act("parts", "会办分工", SharingIn, Act.SHARE)
async def share(step: Step, body: SharingIn) -> Row:
    """Share a matter out to assisting organs: by who sends it, before acceptance; then by the lead.

    Raises RuleBroken for a lead that gives its lead away, an organ complained of, one that has an
    open part; Invalid for what the reference data does not know."""
    case = step.case
    row = step.take(Act.SHARE, parts=[each.model_dump(mode="json") for each in body.parts])
    held = case.current
    if held is None:
        raise Invalid("没有承办单位")
    for each in body.parts:
        organ = _assistant(step, held.organ_code, each)
        case.parts.append(
            Part(
                part_id=new_id(),
                ordinal=len(case.parts) + 1,
                referral=held.ordinal,
                organ_code=organ.code,
                organ_division=organ.division_code,
                role=each.role,
                task=each.task,
                due_on=each.due_on,
                assigned_on=step.on,
                assigned_by=step.organ,
            )
        )
    return row


class PartAnswerIn(ActIn):
    """The assisting organ's opinion on its part."""

    part: Ordinal
    opinion: LongText


def _who_has(case: Case, body: PartAnswerIn) -> str | None:
    found = [part.organ_code for part in case.parts if part.ordinal == body.part]
    return found[0] if found else None


@act("part-answer", "提出会办意见", PartAnswerIn, Act.ANSWER_PART, whose=_who_has)
async def answer_part(step: Step, body: PartAnswerIn) -> Row:
    """An assisting organ gives its opinion to the lead; the petitioner gets the lead's alone."""
    part = _part(step.case, body.part)
    if not part.is_open:
        raise RuleBroken("该分工已经提出意见或者已经免除")
    row = step.take(Act.ANSWER_PART, part=part.ordinal, opinion=body.opinion)
    part.answer(body.opinion, on=step.on)
    return row


class PartVerdictIn(ActIn):
    """The lead's verdict on an assisting organ's opinion; reasons are needed to return it."""

    part: Ordinal
    accepted: Flag
    reasons: FewWords = ""


@act("part-verdict", "审核会办意见", PartVerdictIn, Act.JUDGE_PART)
async def judge_part(step: Step, body: PartVerdictIn) -> Row:
    """Take an assisting organ's opinion, or return it with reasons: another is owed then, by the
    same day."""
    if not body.accepted and not body.reasons:
        raise RuleBroken("退回会办意见须说明理由")
    part = _part(step.case, body.part)
    if part.answered_on is None or part.verdict is not None:
        raise RuleBroken("该分工没有待审核的意见")
    row = step.take(Act.JUDGE_PART, part=part.ordinal, accepted=body.accepted, reasons=body.reasons)
    part.judge(accepted=body.accepted, reasons=body.reasons, on=step.on)
    return row


class PartExcuseIn(ReasonsIn):
    """Which part is not needed, and why."""

    part: Ordinal


@act("part-excuse", "免除会办分工", PartExcuseIn, Act.EXCUSE_PART)
async def excuse_part(step: Step, body: PartExcuseIn) -> Row:
    """Excuse an organ from its part; it has nothing to do with the case any more and sees it no
    longer."""
    part = _part(step.case, body.part)
    if not part.is_open:
        raise RuleBroken("该分工已经提出意见或者已经免除")
    row = step.take(Act.EXCUSE_PART, part=part.ordinal, reasons=body.reasons)
    part.excuse(by=step.organ, reasons=body.reasons, on=step.on)
    return row


def _part(case: Case, ordinal: int) -> Part:
    found = next((part for part in case.parts if part.ordinal == ordinal), None)
    if found is None:
        raise Invalid("没有这项分工", field="part")
    return found


def _assistant(step: Step, lead: str, wanted: ShareIn) -> Organ:
    case, reference = step.case, step.uow.reference
    organ = reference.organs.current(wanted.organ_code, step.on)
    if organ is None or not organ.valid_on(step.on):
        raise Invalid("没有这个单位", field="organ_code")
    if organ.code == lead:
        raise RuleBroken("牵头单位的责任不另行分工")
    if wanted.role is PartRole.LEAD:
        below = lead in reference.organs.at_or_above(organ.code) or (
            organ.division_code != lead.partition("-")[0]
            and reference.divisions.contains(lead.partition("-")[0], organ.division_code)
        )
        raise RuleBroken(
            "不得把牵头责任推给下级" if below else "牵头单位只有一个，即承办单位，不另行指定"
        )
    if not reference.divisions.contains(reference.root_division, organ.division_code):
        raise Invalid("该单位不在本平台管辖范围", field="organ_code")
    if organ.guided and case.purpose != "accusation":
        raise Invalid("该单位属于法定途径的机关，不承担会办分工", field="organ_code")
    if is_complained_of(reference.organs, case, organ.code):
        raise RuleBroken("来信反映的就是该单位或其上级，不得由其会办")
    if any(part.is_open and part.organ_code == organ.code for part in case.parts):
        raise RuleBroken("该单位已有尚未提出意见的分工")
    _check_day(step, wanted)
    return organ


def _check_day(step: Step, wanted: ShareIn) -> None:
    """A part is due after today and, once the handling limit runs, inside it."""
    if wanted.due_on <= step.on:
        raise Invalid("分工期限须晚于今天", field="due_on")
    if step.case.state is not CaseState.ACCEPTED:
        return
    due = due_of(step.uow.reference, step.case)
    if due is not None and step.on < due.on < wanted.due_on:
        raise Invalid(f"分工期限不得晚于办理期限{due.on.isoformat()}", field="due_on")
