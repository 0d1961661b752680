"""Where a person sends a case, and whether the rules let them (条例 Art. 22, 23, 24, 30, 31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.routing.cases.domain.accused import is_complained_of
from services.routing.cases.domain.case import Case
from services.routing.cases.domain.rules import jurisdiction
from services.routing.jurisdiction.domain.decision import Decision, Step
from services.routing.jurisdiction.domain.jurisdiction import ART_30, PROTECTION
from shared.kernel.errors import Invalid
from shared.reference.cadres import discipline_body, organisation_department
from shared.reference.editions import Reference
from shared.reference.organs import Organ
from shared.vocabulary.cases import Confidence, DecisionKind, DecisionReason, Route
from shared.workflow.table import RuleBroken

KNOWING = "知悉文中提到可能涉及的单位，经核对确定去向"
PERSON, ART_22 = "人工核定", "《信访工作条例》第二十二条、第二十三条"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person chose. Without `organ_code` the competent organ of division and category is
    taken, for an accusation the competent discipline body; `assigned_due_on` is the period of an
    assignment; `note` are the reasons; `sender` is the organ that hands the case over;
    `inform_organisation`: the organisation department that manages the leaders complained of may
    see the case (Art. 30)."""

    kind: DecisionKind
    note: str
    sender: str
    organ_code: str | None = None
    division_code: str | None = None
    category_code: str | None = None
    assigned_due_on: date | None = None
    inform_organisation: bool = False
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """What a choice comes to: the organ meant, and the division where the matter is."""

    choice: Choice
    organ: Organ
    division_code: str


def destination_of(reference: Reference, case: Case, choice: Choice, *, on: date) -> Destination:
    """What is chosen, by the reference data. Raises Invalid for what they do not know."""
    code = choice.division_code or case.division_code
    division = reference.divisions.current(code, on) if code else None
    if choice.division_code and division is None:
        raise Invalid("没有这个区划代码", field="division_code")
    if choice.category_code and reference.categories.get(choice.category_code) is None:
        raise Invalid("没有这个内容分类", field="category_code")
    if choice.route is not None and choice.kind is not DecisionKind.GUIDE:
        raise Invalid("只有引导才说明法定途径", field="route")
    organ = _organ(reference, case, choice, on)
    return Destination(choice, organ, division.code if division else organ.division_code)


def decision_of(
    reference: Reference, case: Case, destination: Destination, *, person: str, on: date
) -> Decision:
    """The decision a choice makes. Raises Invalid for an organisation department that is to be
    informed and is not there."""
    choice, organ = destination.choice, destination.organ
    guide = choice.kind is DecisionKind.GUIDE
    holder = reference.organs.get(choice.sender) if guide else organ
    if holder is None:
        raise Invalid("承办单位不存在", field="organ_code")
    words = f"{choice.note}（{organ.name}）"
    known = case.needs_person_reason is DecisionReason.ACCUSED_IN_TEXT and not guide
    knowing = (Step(PROTECTION, KNOWING, ART_30),) if known else ()
    return Decision(
        kind=choice.kind,
        confidence=Confidence.PERSON,
        organ_code=holder.code,
        organ_division=holder.division_code,
        division_code=destination.division_code,
        category_code=choice.category_code or case.category_code,
        guided_to=organ.code if guide else None,
        copied_to=_informed(reference, case, on) if choice.inform_organisation else None,
        assigned_due_on=choice.assigned_due_on,
        trail=(*knowing, Step(PERSON, words, ART_22)),
        editions=jurisdiction(reference).editions,
        decided_by=person,
    )


def _organ(reference: Reference, case: Case, choice: Choice, on: date) -> Organ:
    organs = reference.organs
    if choice.kind is DecisionKind.OWN:
        organ = organs.get(choice.sender)
    elif choice.organ_code is not None:
        organ = organs.current(choice.organ_code, on)
    elif case.purpose == "accusation" and case.complained_organ is not None:
        organ = _discipline_body(reference, case, on)
    else:
        organ = jurisdiction(reference).competent(
            choice.division_code or case.division_code,
            choice.category_code or case.category_code,
            on,
        )
    if organ is None or not organ.valid_on(on):
        raise Invalid("没有这个承办单位，请指定", field="organ_code")
    return organ


def _discipline_body(reference: Reference, case: Case, on: date) -> Organ | None:
    cadres, accused = reference.casework.cadres, case.complained_organ
    return discipline_body(reference.organs, cadres, accused, on) if accused else None


def _informed(reference: Reference, case: Case, on: date) -> str:
    if case.purpose != "accusation" or case.complained_organ is None:
        raise Invalid("只有检举控告可以通报组织部门", field="inform_organisation")
    cadres = reference.casework.cadres
    found = organisation_department(reference.organs, cadres, case.complained_organ, on)
    if found is None:
        raise Invalid("没有对应的组织部门", field="inform_organisation")
    return found.code


def check_destination(
    reference: Reference, case: Case, destination: Destination, *, on: date
) -> None:
    """Raises Invalid for an organ that cannot be chosen so, RuleBroken for one the petition
    complains of or one under it (Art. 30)."""
    choice, organ = destination.choice, destination.organ
    inside = reference.divisions.contains(reference.root_division, organ.division_code)
    guide = choice.kind is DecisionKind.GUIDE
    if not inside and not guide:
        raise Invalid("该单位不在本平台管辖范围", field="organ_code")
    if guide != organ.guided and not (organ.guided and case.purpose == "accusation"):
        words = "应告知信访人向该机关提出" if organ.guided else "该单位不属于法定途径的机关"
        raise Invalid(words, field="kind")
    if choice.kind is DecisionKind.TRANSFER and organ.code == choice.sender:
        raise Invalid("转给本机关的，请选择本机关办理", field="kind")
    if not guide and is_complained_of(reference.organs, case, organ.code):
        raise RuleBroken("来信反映的就是该单位或其上级，不得由其办理")
    body = _discipline_body(reference, case, on) if case.purpose == "accusation" else None
    if body is not None and organ.kind == body.kind and organ.code != body.code:
        raise RuleBroken(f"按干部管理权限，应由{body.name}受理")
    assignment = choice.kind is DecisionKind.ASSIGNMENT
    if assignment != (choice.assigned_due_on is not None):
        raise Invalid("交办须指定反馈期限，其他方式不得指定", field="assigned_due_on")
    if choice.assigned_due_on is not None and choice.assigned_due_on <= on:
        raise Invalid("反馈期限须晚于今天", field="assigned_due_on")


def check_below(
    reference: Reference, case: Case, destination: Destination, *, sender: str, on: date
) -> None:
    """A petition office passes on to an organ below; a department only where the table of
    competence names the lower organ: a lead must not push its own duty down (Art. 22-24). Raises
    RuleBroken."""
    mine, theirs = reference.organs.get(sender), destination.organ
    if mine is None or not reference.divisions.contains(mine.division_code, theirs.division_code):
        raise RuleBroken("只能转给本机关管辖范围内的单位；不属本机关职权的，应当提出异议")
    if mine.petition_office:
        return
    competent = jurisdiction(reference).competent(
        theirs.division_code, destination.choice.category_code or case.category_code, on
    )
    if theirs.kind != mine.kind or competent is None or competent.code != theirs.code:
        raise RuleBroken("不得把本机关的办理责任推给下级；职责分工表写明由下级办理的除外")
