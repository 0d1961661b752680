"""A person of the deciding organ says where a case goes (条例 Art. 22, 23, 31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.case_steps import Act
from services.routing.domain.decision import Confidence, Decision, DecisionKind, Step
from services.routing.store import decisions
from services.routing.use_cases.acting import Actor, keep, open_for
from services.routing.use_cases.rules import jurisdiction
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.reference.organs import Organ

PERSON, ART_22 = "人工核定", "《信访工作条例》第二十二条、第二十三条"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person chose. Without `organ_code` the competent organ of division and category is
    taken; `assigned_due_on` is the period of an assignment; `note` are the reasons."""

    kind: DecisionKind
    note: str
    organ_code: str | None = None
    division_code: str | None = None
    category_code: str | None = None
    purpose: str | None = None
    assigned_due_on: date | None = None


async def decide(uow: UnitOfWork, case_id: UUID, actor: Actor, choice: Choice, *, on: date) -> Case:
    """Settle a case that needs a person.

    Raises Invalid for a choice the rules do not allow, and what `open_for` raises.
    """
    case = await open_for(uow, case_id, actor, Act.DECIDE)
    _settle_purpose(case, choice)
    decision = _decision(uow, case, choice, actor, on)
    case.decide(decision, referral_id=new_id(), by_organ=case.decider, on=on)
    await decisions.add(uow, case.case_id, decision)
    return await keep(uow, case, actor)


def _settle_purpose(case: Case, choice: Choice) -> None:
    if choice.purpose is not None:
        case.purpose = choice.purpose
    if case.purpose == "uncertain":
        raise Invalid("须先确定信访目的", field="purpose")


def _decision(uow: UnitOfWork, case: Case, choice: Choice, actor: Actor, on: date) -> Decision:
    reference = uow.reference
    division = reference.divisions.get(choice.division_code or case.division_code)
    if choice.division_code and division is None:
        raise Invalid("没有这个区划代码", field="division_code")
    if choice.category_code and reference.categories.get(choice.category_code) is None:
        raise Invalid("没有这个内容分类", field="category_code")
    organ = _organ(uow, case, choice, on)
    _check(uow, case, choice, organ, on)
    guide = choice.kind is DecisionKind.GUIDE
    holder = reference.organs.get(case.decider) if guide else organ
    if holder is None:
        raise Invalid("承办单位不存在", field="organ_code")
    words = f"{choice.note}（{organ.name}）"
    return Decision(
        kind=choice.kind,
        confidence=Confidence.PERSON,
        organ_code=holder.code,
        organ_division=holder.division_code,
        division_code=division.code if division else organ.division_code,
        category_code=choice.category_code or case.category_code,
        guided_to=organ.code if guide else None,
        assigned_due_on=choice.assigned_due_on,
        trail=(Step(PERSON, words, ART_22),),
        editions=jurisdiction(reference).editions,
        decided_by=actor.person,
    )


def _organ(uow: UnitOfWork, case: Case, choice: Choice, on: date) -> Organ:
    organs = uow.reference.organs
    if choice.kind is DecisionKind.OWN:
        organ = organs.get(case.decider)
    elif choice.organ_code is not None:
        organ = organs.get(choice.organ_code)
    else:
        organ = jurisdiction(uow.reference).competent(
            choice.division_code or case.division_code,
            choice.category_code or case.category_code,
            on,
        )
    if organ is None or not organ.valid_on(on):
        raise Invalid("没有这个承办单位，请指定", field="organ_code")
    return organ


def _check(uow: UnitOfWork, case: Case, choice: Choice, organ: Organ, on: date) -> None:
    inside = uow.reference.divisions.contains(uow.reference.root_division, organ.division_code)
    guide = choice.kind is DecisionKind.GUIDE
    if not inside and not guide:
        raise Invalid("该单位不在本平台管辖范围", field="organ_code")
    if guide != organ.guided and not (organ.guided and case.purpose == "accusation"):
        words = "应告知信访人向该机关提出" if organ.guided else "该单位不属于法定途径的机关"
        raise Invalid(words, field="kind")
    if choice.kind is DecisionKind.TRANSFER and organ.code == case.decider:
        raise Invalid("转给本机关的，请选择本机关办理", field="kind")
    assignment = choice.kind is DecisionKind.ASSIGNMENT
    if assignment != (choice.assigned_due_on is not None):
        raise Invalid("交办须指定反馈期限，其他方式不得指定", field="assigned_due_on")
    if choice.assigned_due_on is not None and choice.assigned_due_on <= on:
        raise Invalid("反馈期限须晚于今天", field="assigned_due_on")
