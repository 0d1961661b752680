"""The first acts: where a case goes, what is put before the government, what is not taken."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.routing.cases.domain.case_steps import (
    Act,
    ClosingKind,
    ReferralKind,
    Route,
    RuleBroken,
)
from services.routing.cases.domain.crossing import CrossingKind
from services.routing.cases.domain.procedure import Row
from services.routing.cases.store import decisions
from services.routing.cases.use_cases.rules import decider_of, jurisdiction
from services.routing.casework.acts.frame import Step, act
from services.routing.casework.use_cases.destinations import Choice, decision_of
from services.routing.common.use_cases.bodies import (
    ActIn,
    CategoryCode,
    DivisionCode,
    OrganCode,
    ReasonsIn,
    Request,
    Words,
)
from services.routing.jurisdiction.domain.decision import DecisionKind, Reason
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.reference.divisions import Level, normalise_code
from shared.web.bodies import Day, Flag


class ChosenKind(StrEnum):
    """What a person may decide."""

    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OWN = "own"
    GUIDE = "guide"


class SettledPurpose(StrEnum):
    """Purposes a person may settle on."""

    SUGGESTION = "suggestion"
    ACCUSATION = "accusation"
    CLAIM = "claim"


class CrossingIn(Request):
    """One way in which the matter reaches past one region, department or place, and why."""

    kind: CrossingKind
    why: Words


class DecisionIn(ActIn):
    """Where a case goes. Without `organ_code` the competent organ of division and category; `route`
    says which statutory route a guided person is shown (Art. 31(1)-(5)). The place of the matter
    decides; where the petitioner's home is another county, its office is proposed to assist."""

    kind: ChosenKind
    note: Words
    organ_code: OrganCode | None = None
    division_code: DivisionCode | None = None
    category_code: CategoryCode | None = None
    purpose: SettledPurpose | None = None
    complained_organ: Annotated[
        OrganCode | None, Field(description="被反映的机关单位，核定或者更正")
    ] = None
    route: Route | None = None
    assigned_due_on: Day | None = None
    inform_organisation: Annotated[Flag, Field(description="检举控告：通报组织部门")] = False
    home_division_code: Annotated[
        DivisionCode | None, Field(description="信访人所在地，只到区县")
    ] = None
    crossings: list[CrossingIn] = Field(
        default_factory=list, max_length=6, description="三跨三分离"
    )


@act("decision", "确定去向（转送、交办、自办、引导）", DecisionIn, Act.DECIDE)
async def decide(step: Step, body: DecisionIn) -> Row:
    """Settle a case that needs a person (Art. 22, 23, 31)."""
    case = step.case
    if body.purpose is not None:
        case.purpose = str(body.purpose)
    if body.complained_organ is not None:
        if step.uow.reference.organs.get(body.complained_organ) is None:
            raise Invalid("没有这个机关单位", field="complained_organ")
        case.complained_organ = body.complained_organ
    if case.purpose == "uncertain":
        raise Invalid("须先确定信访目的", field="purpose")
    if case.needs_person_reason is Reason.NO_COMMON_SUPERIOR:
        raise RuleBroken("没有共同的上一级，须先报联席会议协调，登记其决定后再确定去向")
    if body.route is not None and body.kind is not ChosenKind.GUIDE:
        raise Invalid("只有引导才说明法定途径", field="route")
    choice = Choice(
        kind=DecisionKind(str(body.kind)),
        note=body.note,
        sender=case.decider,
        organ_code=body.organ_code,
        division_code=normalise_code(body.division_code) if body.division_code else None,
        category_code=body.category_code,
        assigned_due_on=body.assigned_due_on,
        inform_organisation=body.inform_organisation,
    )
    decision = decision_of(step.uow.reference, case, choice, person=step.actor.person, on=step.on)
    row = step.take(Act.DECIDE, note=body.note, **_noted(step, body))
    case.hand_over(
        decision, referral_id=new_id(), by_organ=case.decider, on=step.on, route=body.route
    )
    case.decider = decider_of(step.uow.reference, case, case.decider, on=step.on)
    await decisions.add(step.uow, case.case_id, decision)
    return row


def _noted(step: Step, body: DecisionIn) -> dict[str, object]:
    """What was noted about the matter's reach; only what was said is kept."""
    noted: dict[str, object] = {}
    if body.home_division_code is not None:
        divisions = step.uow.reference.divisions
        home = divisions.current(normalise_code(body.home_division_code), step.on)
        county = home and (divisions.at_level(home.code, Level.COUNTY) or home)
        if county is None:
            raise Invalid("没有这个区划代码", field="home_division_code")
        noted["home"] = county.code
    if body.crossings:
        noted["crossings"] = [each.model_dump(mode="json") for each in body.crossings]
    return noted


class PutBefore(StrEnum):
    """Who is asked: 党委, 政府, 联席会议."""

    COMMITTEE = "committee"
    GOVERNMENT = "government"
    CONFERENCE = "conference"


class PuttingUpIn(ActIn):
    """报请: before whom, what the matter is and what the office proposes."""

    proposal: Words
    before: PutBefore = PutBefore.GOVERNMENT


@act("putting-up", "报请党委、政府或者联席会议决定", PuttingUpIn, Act.PUT_UP)
async def put_up(step: Step, body: PuttingUpIn) -> Row:
    """A grave, urgent or hard matter goes to the Party committee or government with a proposal; one
    that no common superior can settle to the joint conference (Art. 22, 24)."""
    conference = body.before is PutBefore.CONFERENCE
    if step.case.needs_person_reason is Reason.NO_COMMON_SUPERIOR and not conference:
        raise RuleBroken("没有共同的上一级，须报联席会议协调")
    row = step.take(Act.PUT_UP, proposal=body.proposal, before=str(body.before))
    step.case.decided_on = step.case.decided_on or step.on
    return row


class InstructionIn(ActIn):
    """批示: what was decided and by which body; the destination is then set by a decision."""

    instruction: Words


@act("instruction", "登记党委、政府或者联席会议的决定", InstructionIn, Act.INSTRUCT)
async def instruct(step: Step, body: InstructionIn) -> Row:
    """What the Party committee or government decided."""
    row = step.take(Act.INSTRUCT, instruction=body.instruction)
    step.case.back_to_decider(Reason.INSTRUCTED)
    return row


class PassingOnIn(ActIn):
    """转办: to whom below; a period where the case was assigned to the office itself."""

    note: Words
    organ_code: OrganCode | None = None
    division_code: DivisionCode | None = None
    category_code: CategoryCode | None = None


@act("passing-on", "转办下级", PassingOnIn, Act.PASS_ON)
async def pass_on(step: Step, body: PassingOnIn) -> Row:
    """Hand on to an organ below. A petition office may; a department only where the table of
    competence names the lower organ: a lead must not push its own duty down (Art. 22-24)."""
    case, reference = step.case, step.uow.reference
    held = case.current
    if held is None:
        raise Invalid("没有承办单位")
    assigned = held.kind is ReferralKind.ASSIGNMENT
    choice = Choice(
        kind=DecisionKind(str(held.kind)),
        note=body.note,
        sender=step.organ,
        organ_code=body.organ_code,
        division_code=normalise_code(body.division_code) if body.division_code else None,
        category_code=body.category_code,
        assigned_due_on=held.assigned_due_on if assigned else None,
    )
    decision = decision_of(reference, case, choice, person=step.actor.person, on=step.on)
    _check_below(step, decision.organ_code or "", body)
    row = step.take(Act.PASS_ON, note=body.note)
    case.hand_over(decision, referral_id=new_id(), by_organ=step.organ, on=step.on)
    await decisions.add(step.uow, case.case_id, decision)
    return row


def _check_below(step: Step, target: str, body: PassingOnIn) -> None:
    reference = step.uow.reference
    mine, theirs = (reference.organs.get(code) for code in (step.organ, target))
    if mine is None or theirs is None:
        raise Invalid("没有这个承办单位", field="organ_code")
    if not reference.divisions.contains(mine.division_code, theirs.division_code):
        raise RuleBroken("只能转给本机关管辖范围内的单位；不属本机关职权的，应当提出异议")
    if mine.petition_office:
        return
    competent = jurisdiction(reference).competent(
        theirs.division_code, body.category_code or step.case.category_code, step.on
    )
    if theirs.kind != mine.kind or competent is None or competent.code != theirs.code:
        raise RuleBroken("不得把本机关的办理责任推给下级；职责分工表写明由下级办理的除外")


class Ground(StrEnum):
    """Why a closed case is taken up again."""

    NEW_FACTS = "new_facts"
    SUPERVISION = "supervision"


class ReopeningIn(ReasonsIn):
    """重新办理: on new facts or reasons, or because supervision asks for it."""

    ground: Ground


@act("reopening", "重新办理", ReopeningIn, Act.REOPEN)
async def reopen(step: Step, body: ReopeningIn) -> Row:
    """Take a closed case up again; after a re-review only on new facts (Art. 36(3), 40)."""
    case = step.case
    if case.closing_kind is ClosingKind.FINAL and body.ground is not Ground.NEW_FACTS:
        raise RuleBroken("复核终结后，只有新的事实和理由才能重新办理")
    row = step.take(Act.REOPEN, ground=str(body.ground), reasons=body.reasons)
    case.closed_on = case.closing_kind = None
    case.back_to_decider(Reason.REOPENED)
    return row
