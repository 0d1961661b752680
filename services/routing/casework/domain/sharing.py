"""Who may take a part in a joint matter 会办 (Art. 24), and until when.

The organ that has the case leads and cannot give that away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.routing.cases.domain.accused import is_complained_of
from services.routing.cases.domain.case import Case
from services.routing.cases.domain.parts import Part
from services.routing.cases.domain.rules import due_of
from shared.kernel.errors import Invalid
from shared.reference.editions import Reference
from shared.reference.organs import Organ
from shared.vocabulary.cases import CaseState, PartRole
from shared.workflow.guards import Law
from shared.workflow.table import RuleBroken


@dataclass(frozen=True, slots=True)
class Share:
    """One organ's part as it is asked for."""

    part_id: UUID
    organ_code: str
    role: PartRole
    task: str
    due_on: date


def check_assistants(case: Case, shares: Iterable[Share], law: Law) -> None:
    """Raises RuleBroken for the lead itself, a lead given away, an organ complained of and one that
    has an open part, Invalid for one outside of the platform and one of a statutory route."""
    held = case.current
    taken = {part.organ_code for part in case.parts if part.is_open}
    for share in shares:
        organ = _organ(law, share.organ_code)
        _check(case, held.organ_code if held else "", organ, share.role, law.reference)
        if organ.code in taken:
            raise RuleBroken("该单位已有尚未提出意见的分工")
        taken.add(organ.code)


def share_out(case: Case, shares: Iterable[Share], law: Law, *, by: str) -> None:
    """Add the parts to the sheet (责任分解表). A part is due after today and, once the handling
    limit runs, inside it. Raises Invalid."""
    held = case.current
    if held is None:
        raise Invalid("没有承办单位")
    for share in shares:
        organ = _organ(law, share.organ_code)
        _check_day(case, share.due_on, law)
        case.parts.append(
            Part(
                part_id=share.part_id,
                ordinal=len(case.parts) + 1,
                referral=held.ordinal,
                organ_code=organ.code,
                organ_division=organ.division_code,
                role=share.role,
                task=share.task,
                due_on=share.due_on,
                assigned_on=law.on,
                assigned_by=by,
            )
        )


def _organ(law: Law, code: str) -> Organ:
    organ = law.reference.organs.current(code, law.on)
    if organ is None or not organ.valid_on(law.on):
        raise Invalid("没有这个单位", field="organ_code")
    return organ


def _check(case: Case, lead: str, organ: Organ, role: PartRole, reference: Reference) -> None:
    if organ.code == lead:
        raise RuleBroken("牵头单位的责任不另行分工")
    if role is PartRole.LEAD:
        place = lead.partition("-")[0]
        below = lead in reference.organs.at_or_above(organ.code) or (
            organ.division_code != place
            and reference.divisions.contains(place, organ.division_code)
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


def _check_day(case: Case, due_on: date, law: Law) -> None:
    if due_on <= law.on:
        raise Invalid("分工期限须晚于今天", field="due_on")
    if case.state is not CaseState.ACCEPTED:
        return
    due = due_of(law.reference, case)
    if due is not None and law.on < due.on < due_on:
        raise Invalid(f"分工期限不得晚于办理期限{due.on.isoformat()}", field="due_on")
