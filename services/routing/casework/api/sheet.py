"""The responsibility sheet of a joint matter (责任分解表): who leads, who assists with what."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.parts import Part
from services.routing.cases.domain.rules import due_of
from services.routing.cases.store import cases
from services.routing.casework.api.cases import visible
from services.routing.casework.api.views import Names, names_in
from services.routing.common.api.callers import Reader
from shared.kernel.errors import NotFound
from shared.reference.editions import Reference
from shared.vocabulary.cases import PartRole, PartState, PartVerdict
from shared.web.deps import Reading, ReferenceDep
from shared.web.problems import problems

router = APIRouter(tags=["cases"])
LEADS = "牵头办理，审核会办意见，出具处理意见"


class SheetRow(BaseModel):
    """One line: the lead first (ordinal 0), then the parts as they were shared out. Words only for
    the organs involved."""

    ordinal: int
    organ_code: str
    organ_name: str | None
    role: PartRole
    role_name: str
    task: str | None
    assigned_on: date
    assigned_by: str
    assigned_by_name: str | None
    due_on: date | None = Field(description="牵头单位为其现在的期限")
    state: PartState
    state_name: str
    answered_on: date | None
    opinion: str | None
    verdict: str | None = Field(description="牵头单位对会办意见的审核")
    verdict_name: str | None
    verdict_on: date | None
    verdict_reasons: str | None
    excused_on: date | None
    excused_reasons: str | None


class Sheet(BaseModel):
    """责任分解表."""

    case_id: UUID
    number: str
    rows: list[SheetRow]


@router.get("/cases/{case_id}/sheet", summary="责任分解表", responses=problems(404))
async def show_sheet(
    case_id: UUID, caller: Reader, session: Reading, reference: ReferenceDep
) -> Sheet:
    """Lead and assisting organs, each with its part, due date, opinion and verdict (Art. 24)."""
    _, with_words = await visible(case_id, caller, session, reference)
    case = await cases.load(session, case_id)
    if case is None:
        raise NotFound("没有这个办件")
    names = names_in(reference)
    rows = [*_lead(case, reference, names), *(_row(part, names) for part in case.parts)]
    if not with_words:
        hidden = dict.fromkeys(("task", "opinion", "verdict_reasons", "excused_reasons"))
        rows = [row.model_copy(update=hidden) for row in rows]
    return Sheet(case_id=case_id, number=case.number, rows=rows)


def _lead(case: Case, reference: Reference, names: Names) -> list[SheetRow]:
    """The organ that handles the matter, none while a new one is looked for."""
    held = case.handling
    if held is None or held.is_over:
        return []
    current = case.current is held
    due = due_of(reference, case) if current else None
    state = PartState.ANSWERED if held.answered_on else PartState.OPEN
    return [
        SheetRow(
            ordinal=0,
            organ_code=held.organ_code,
            organ_name=names.organ(held.organ_code),
            role=PartRole.LEAD,
            role_name=PartRole.LEAD.label,
            task=LEADS,
            assigned_on=held.referred_on,
            assigned_by=held.from_organ,
            assigned_by_name=names.organ(held.from_organ),
            due_on=due.on if due else None,
            state=state,
            state_name=state.label,
            answered_on=held.answered_on,
            opinion=held.opinion.label if held.opinion else None,
            verdict=None,
            verdict_name=None,
            verdict_on=None,
            verdict_reasons=None,
            excused_on=None,
            excused_reasons=None,
        )
    ]


def _row(part: Part, names: Names) -> SheetRow:
    own = {name: getattr(part, name) for name in SheetRow.model_fields if hasattr(part, name)}
    return SheetRow(
        **own,
        organ_name=names.organ(part.organ_code),
        role_name=part.role.label,
        assigned_by_name=names.organ(part.assigned_by),
        state_name=part.state.label,
        verdict_name=PartVerdict(part.verdict).label if part.verdict else None,
    )
