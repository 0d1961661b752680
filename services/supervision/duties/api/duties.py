"""Lists of duties, one duty, and why it is due when it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.duties.api.schemas import DutyCount, DutyCounts, DutyOut, ExplanationOut
from services.supervision.duties.api.scope import Reader, visible
from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.domain.explanation import explain
from services.supervision.duties.store import duties
from services.supervision.duties.store.duties import DUTY
from services.supervision.duties.store.duty_rows import duty_of
from shared.kernel.errors import Invalid, NotFound
from shared.reference.divisions import Divisions
from shared.reference.editions import Reference
from shared.reference.limits import Limits
from shared.vocabulary.duties import DutyKind, DutyState, Nature
from shared.web.bodies import Day
from shared.web.deps import Reading, ReferenceDep, Today
from shared.web.paging import (
    BadCursor,
    CursorText,
    Limit,
    Page,
    cut_page,
    decode_cursor,
    encode_cursor,
)
from shared.web.problems import problems
from shared.web.security import Caller

router = APIRouter(tags=["duties"])

States = Annotated[list[DutyState] | None, Query(description="状态，可多个")]
Kinds = Annotated[list[DutyKind] | None, Query(description="种类，可多个")]
Natures = Annotated[list[Nature] | None, Query(description="性质，可多个")]
Division = Annotated[
    str | None, Query(pattern=r"^[0-9]{2,12}$", description="行政区划代码，含其下级")
]
OrganCode = Annotated[str | None, Query(max_length=40, description="责任机关单位代码")]


@router.get("/duties", summary="时限任务列表（按最后一日排序）", responses=problems(400))
async def list_duties(
    *,
    caller: Reader,
    session: Reading,
    reference: ReferenceDep,
    today: Today,
    state: States = None,
    kind: Kinds = None,
    nature: Natures = None,
    organ: OrganCode = None,
    division: Division = None,
    case_id: UUID | None = None,
    petition_id: UUID | None = None,
    due_from: Day | None = None,
    due_to: Day | None = None,
    silent: bool | None = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[DutyOut]:
    """Duties in the caller's scope; all filters are joined by "and", bounds are inclusive."""
    conditions = [
        visible(caller, reference),
        *_one_of(DUTY.c.state, state),
        *_one_of(DUTY.c.kind, kind),
        *_one_of(DUTY.c.nature, nature),
        *([DUTY.c.organ_code == organ] if organ else []),
        *([_inside(reference.divisions, division)] if division else []),
        *([DUTY.c.case_id == case_id] if case_id else []),
        *([duties.of_petition(petition_id)] if petition_id else []),
        *([DUTY.c.due_on >= due_from] if due_from else []),
        *([DUTY.c.due_on <= due_to] if due_to else []),
        *([DUTY.c.silent.is_(silent)] if silent is not None else []),
    ]
    found = await duties.page(session, conditions, after=_key(cursor), limit=limit + 1)
    rows, more = cut_page(found, limit)
    return Page(
        items=[DutyOut.of(duty_of(row), today=today, organs=reference.organs) for row in rows],
        next=encode_cursor(rows[-1].due_on, rows[-1].duty_id) if more else None,
    )


@router.get("/duty-counts", summary="时限任务计数（按状态与性质）")
async def count_duties(
    caller: Reader, session: Reading, reference: ReferenceDep, division: Division = None
) -> DutyCounts:
    """Exact counts in the caller's scope; imported history counts like everything else."""
    conditions = [
        visible(caller, reference),
        *([_inside(reference.divisions, division)] if division else []),
    ]
    items = [
        DutyCount(state=DutyState(state), nature=Nature(nature), was_overdue=late, count=count)
        for state, nature, late, count in await duties.counts(session, conditions)
    ]
    return DutyCounts(
        items=items,
        open=sum(i.count for i in items if i.state in (DutyState.RUNNING, DutyState.OVERDUE)),
        overdue=sum(i.count for i in items if i.state is DutyState.OVERDUE),
    )


@router.get("/duties/{duty_id}", summary="时限任务详情", responses=problems(404))
async def show_duty(
    duty_id: UUID, caller: Reader, session: Reading, reference: ReferenceDep, today: Today
) -> DutyOut:
    """One duty; one outside the caller's scope is answered like one that does not exist."""
    duty = await _find(duty_id, caller, session, reference)
    return DutyOut.of(duty, today=today, organs=reference.organs)


@router.get("/duties/{duty_id}/explanation", summary="期限逐日说明", responses=problems(404))
async def explain_duty(
    duty_id: UUID, caller: Reader, session: Reading, reference: ReferenceDep, today: Today
) -> ExplanationOut:
    """Day by day: which days counted, which did not and why, and by which article."""
    duty = await _find(duty_id, caller, session, reference)
    note = _note(reference.limits, duty)
    told = explain(duty, reference.calendar, note=note, today=today)
    return ExplanationOut.of(duty_id, told)


async def _find(duty_id: UUID, caller: Caller, session: AsyncSession, reference: Reference) -> Duty:
    wanted = [DUTY.c.duty_id == duty_id, visible(caller, reference)]
    rows = await duties.page(session, wanted, after=None, limit=1)
    if not rows:
        raise NotFound("没有这个时限任务")
    return duty_of(rows[0])


def _one_of(
    column: ColumnElement[str], wanted: Sequence[StrEnum] | None
) -> list[ColumnElement[bool]]:
    return [column.in_([each.value for each in wanted])] if wanted else []


def _inside(divisions: Divisions, code: str) -> ColumnElement[bool]:
    try:
        low, high = divisions.subtree_range(code)
    except ValueError as error:
        raise Invalid("行政区划代码无效") from error
    return DUTY.c.division_code.between(low, high)


def _key(cursor: str | None) -> tuple[date, UUID] | None:
    if cursor is None:
        return None
    due_on, duty_id = decode_cursor(cursor, 2)
    try:
        return date.fromisoformat(due_on), UUID(duty_id)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error


def _note(limits: Limits, duty: Duty) -> str:
    """The limit row's own sentence, if the row is still in the table."""
    try:
        return limits[duty.limit_id].note
    except KeyError:
        return ""
