"""The first acts: where a case goes, what is put before the government, what is taken up again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.guards import GUARDS
from services.routing.cases.domain.rules import decider_of, home_county
from services.routing.cases.store import decisions
from services.routing.casework.domain.destinations import (
    Choice,
    Destination,
    check_below,
    check_destination,
    decision_of,
    destination_of,
)
from services.routing.casework.use_cases.flow import CASES
from services.routing.common.use_cases.bodies import CategoryCode, DivisionCode, OrganCode
from services.routing.jurisdiction.domain.decision import Decision
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.reference.divisions import normalise_code
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import (
    CrossingKind,
    DecidingBody,
    DecisionKind,
    DecisionReason,
    ReferralKind,
    ReopeningGround,
    Route,
)
from shared.vocabulary.petitions import Purpose
from shared.web.bodies import Day, Flag
from shared.workflow.bodies import ActIn, ReasonsIn, Request, Words
from shared.workflow.guards import Step
from shared.workflow.table import RuleBroken

ChosenKind = Literal[
    ReferralKind.TRANSFER, ReferralKind.ASSIGNMENT, ReferralKind.OWN, ReferralKind.GUIDE
]
"""What a person may decide."""
SettledPurpose = Literal[Purpose.SUGGESTION, Purpose.ACCUSATION, Purpose.CLAIM]
"""Purposes a person may settle on."""


class CrossingIn(Request):
    """事项怎样跨地区、跨部门或者人户分离，以及原因。"""

    kind: CrossingKind
    why: Words


class DecisionIn(ActIn):
    """办件去向。不写 `organ_code` 的，由该地区、该类事项的有权处理机关办理；`route` 说明引导的
    法定途径（第三十一条第一项至第五项）。以事项发生地为准；信访人所在地在另一区县的，建议其信访
    部门协办。"""

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


async def _destination(_uow: UnitOfWork, case: Case, step: Step, body: DecisionIn) -> Destination:
    choice = Choice(
        kind=DecisionKind(str(body.kind)),
        note=body.note,
        sender=case.decider,
        organ_code=body.organ_code,
        division_code=normalise_code(body.division_code) if body.division_code else None,
        category_code=body.category_code,
        assigned_due_on=body.assigned_due_on,
        inform_organisation=body.inform_organisation,
        route=body.route,
    )
    return destination_of(step.reference, _settled(case, step, body), choice, on=step.on)


def _settled(case: Case, step: Step, body: DecisionIn) -> Case:
    return case.settled(
        purpose=body.purpose and str(body.purpose), complained_organ=body.complained_organ,
        organs=step.reference.organs,
    )  # fmt: skip


def _noted(body: DecisionIn) -> dict[str, Any]:
    """What was noted about the matter's reach; only what was said is kept."""
    noted: dict[str, Any] = {"note": body.note}
    if body.crossings:
        noted["crossings"] = [each.model_dump(mode="json") for each in body.crossings]
    return noted


async def _keep_decision(uow: UnitOfWork, case: Case, _step: Step, decision: Decision) -> None:
    await decisions.add(uow, case.case_id, decision)


@CASES.act(
    "decision", "确定去向（转送、交办、自办、引导）", DecisionIn, Act.DECIDE, says=_noted,
    finds=_destination, after=_keep_decision, refuses=(Invalid,), bulk=True,
    sample={"kind": "own", "note": "本局直接答复"},
)  # fmt: skip
def decide(case: Case, step: Step, body: DecisionIn) -> Decision:
    """Settle a case that needs a person (Art. 22, 23, 31)."""
    reference = step.reference
    case.settle(_settled(case, step, body))
    if body.home_division_code is not None:
        step.note(home=home_county(reference, body.home_division_code, step.on))
    decision = decision_of(reference, case, step.found, person=step.person, on=step.on)
    case.hand_over(
        decision, referral_id=new_id(), by_organ=case.decider, on=step.on, route=body.route
    )
    case.decider = decider_of(reference, case, case.decider, on=step.on)
    return decision


@GUARDS.body(
    "destination_fits",
    "承办单位在管辖范围内、有权处理，不是被反映的单位及其下级",
    RuleBroken,
    Invalid,
)
def destination_fits(case: Case, step: Step, body: DecisionIn) -> bool:
    """Raises RuleBroken, Invalid."""
    check_destination(step.reference, _settled(case, step, body), step.found, on=step.on)
    return True


class PuttingUpIn(ActIn):
    """报请：报请谁决定，事项情况和拟办建议。"""

    proposal: Words
    before: DecidingBody = DecidingBody.GOVERNMENT


@CASES.act(
    "putting-up", "报请党委、政府或者联席会议决定", PuttingUpIn, Act.PUT_UP, refuses=(RuleBroken,),
    sample={"proposal": "建议由县政府牵头"},
)  # fmt: skip
def put_up(case: Case, step: Step, body: PuttingUpIn) -> None:
    """A grave, urgent or hard matter, or one that no common superior can settle (Art. 22, 24)."""
    case.put_up(conference=body.before is DecidingBody.CONFERENCE, on=step.on)


class InstructionIn(ActIn):
    """批示：哪个机构作了什么决定；去向随后另行确定。"""

    instruction: Words


@CASES.act(
    "instruction", "登记党委、政府或者联席会议的决定", InstructionIn, Act.INSTRUCT,
    sample={"instruction": "同意，由县住建局牵头"},
)  # fmt: skip
def instruct(case: Case, _step: Step, _body: InstructionIn) -> None:
    """The destination is then set by a decision."""
    case.back_to_decider(DecisionReason.INSTRUCTED)


class PassingOnIn(ActIn):
    """转办：转给哪个下级单位。"""

    note: Words
    organ_code: OrganCode | None = None
    division_code: DivisionCode | None = None
    category_code: CategoryCode | None = None


async def _below(_uow: UnitOfWork, case: Case, step: Step, body: PassingOnIn) -> Destination:
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
    return destination_of(step.reference, case, choice, on=step.on)


@CASES.act(
    "passing-on", "转办下级", PassingOnIn, Act.PASS_ON, finds=_below, after=_keep_decision,
    says=lambda body: {"note": body.note}, refuses=(Invalid,), bulk=True,
    sample={"note": "转有权处理的单位"},
)  # fmt: skip
def pass_on(case: Case, step: Step, _body: PassingOnIn) -> Decision:
    """The period set by who assigned it goes with the case."""
    decision = decision_of(step.reference, case, step.found, person=step.person, on=step.on)
    case.hand_over(decision, referral_id=new_id(), by_organ=step.organ, on=step.on)
    return decision


@GUARDS.body(
    "destination_below",
    "转给本机关管辖范围内的下级，不得把牵头责任推给下级",
    RuleBroken,
    Invalid,
)
def destination_below(case: Case, step: Step, _body: PassingOnIn) -> bool:
    """Raises RuleBroken, Invalid."""
    check_destination(step.reference, case, step.found, on=step.on)
    check_below(step.reference, case, step.found, sender=step.organ, on=step.on)
    return True


class ReopeningIn(ReasonsIn):
    """重新办理：有新的事实理由，或者经督办要求。"""

    ground: ReopeningGround


@CASES.act(
    "reopening", "重新办理", ReopeningIn, Act.REOPEN,
    sample={"ground": "new_facts", "reasons": "又漏水"},
)  # fmt: skip
def reopen(case: Case, _step: Step, _body: ReopeningIn) -> None:
    """The case needs a destination again."""
    case.reopen()


@GUARDS.body("not_reopened_on_same_facts", "有新的事实理由，或者经督办要求", RuleBroken)
def not_reopened_on_same_facts(case: Case, _step: Step, body: ReopeningIn) -> bool:
    """Raises RuleBroken: after a re-review only on new facts (Art. 36(3), 40)."""
    case.check_reopening(new_facts=body.ground is ReopeningGround.NEW_FACTS)
    return True
