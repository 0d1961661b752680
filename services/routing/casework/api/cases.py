"""Reading cases: work lists, details, reasons, and what needs a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from services.routing.cases.store import cases, decisions, lists, petitions, queue
from services.routing.cases.store.cases import CASE
from services.routing.cases.store.parts import PART
from services.routing.cases.store.queue import QUEUE
from services.routing.casework.api import views
from services.routing.casework.api.schemas import CaseDetail, CaseSummary, Explanation, WaitingOut
from services.routing.common.api.callers import Officer, Reader, Watcher, Worker, watching_scope
from services.routing.common.api.callers import working_scope as working
from services.routing.common.use_cases.bodies import DivisionCode
from shared.kernel.errors import NotFound
from shared.reference.divisions import normalise_code
from shared.vocabulary.cases import CaseState, CaseView
from shared.web.deps import Reading, ReferenceDep, Today
from shared.web.paging import (
    BadCursor,
    CursorText,
    Limit,
    Page,
    cut_page,
    decode_cursor,
    encode_cursor,
    moment_key,
    page_of,
)
from shared.web.problems import problems
from shared.web.security import Caller, organs_above

router = APIRouter(tags=["cases"])

KeyT = TypeVar("KeyT")
StateFilter = Annotated[CaseState | None, Query(description="办件状态")]


COLUMNS = {
    CaseView.HELD: CASE.c.organ_code,
    CaseView.RECEIVED: CASE.c.received_by,
    CaseView.COPIED: CASE.c.copied_to,
}


@router.get("/cases", summary="本机关办件（待办按到期日排序）", response_model=Page[CaseSummary])
async def list_cases(
    caller: Worker,
    session: Reading,
    reference: ReferenceDep,
    view: CaseView = CaseView.TODO,
    state: StateFilter = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Response:
    """The organ's own cases: what must be done next and what it owes to others' cases by due date,
    the others newest first."""
    if view is CaseView.TODO:
        rows = await lists.todo(
            session,
            caller.scope.organs,
            above=organs_above(caller, reference.organs),
            after=_due_key(cursor),
            state=state,
            limit=limit + 1,
        )
    elif view is CaseView.ASSISTING:
        rows = await lists.assisting(
            session,
            caller.scope.of_organs(PART.c.organ_code)
            & lists.not_hidden(organs_above(caller, reference.organs)),
            after=_due_key(cursor),
            state=state,
            limit=limit + 1,
        )
    else:
        rows = await lists.newest(
            session,
            caller.scope.of_organs(COLUMNS[view])
            & lists.not_hidden(organs_above(caller, reference.organs)),
            after=_id_key(cursor),
            state=state,
            limit=limit + 1,
            with_title=True,
        )
    shown, more = cut_page(rows, limit)
    names = views.names_in(reference)
    following = None
    if more:
        last = shown[-1]
        following = encode_cursor(*_key(view, last))
    return page_of([views.line(row, names) for row in shown], following)


@router.get("/division-cases", summary="辖区内办件（不含内容）", response_model=Page[CaseSummary])
async def list_division_cases(
    caller: Watcher,
    session: Reading,
    reference: ReferenceDep,
    division: Annotated[DivisionCode | None, Query(description="只看某区划之内")] = None,
    state: StateFilter = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Response:
    """Cases in the caller's divisions, newest first, without any words."""
    scope = caller.scope.of_divisions(CASE.c.division_code)
    scope = scope & lists.not_hidden(organs_above(caller, reference.organs))
    if division is not None:
        low, high = reference.divisions.subtree_range(normalise_code(division))
        scope = scope & CASE.c.division_code.between(low, high)
    rows = await lists.newest(
        session, scope, after=_id_key(cursor), state=state, limit=limit + 1, with_title=False
    )
    shown, more = cut_page(rows, limit)
    names = views.names_in(reference)
    following = encode_cursor(shown[-1].case_id) if more else None
    return page_of([views.line(row, names) for row in shown], following)


@router.get("/needs-person", summary="待人工核定（含密封件）")
async def list_needs_person(
    caller: Officer,
    session: Reading,
    reference: ReferenceDep,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[WaitingOut]:
    """What waits for somebody of the organ to decide, longest waiting first."""
    after = moment_key(cursor) if cursor else None
    seen = caller.scope.of_organs(QUEUE.c.organ_code) & lists.not_about_hidden(
        QUEUE.c.item_id, organs_above(caller, reference.organs)
    )
    rows = await queue.waiting(session, seen, after=after, limit=limit + 1)
    shown, more = cut_page(rows, limit)
    following = encode_cursor(shown[-1].opened_at.isoformat(), shown[-1].item_id) if more else None
    return Page(items=[views.waiting(row) for row in shown], next=following)


@router.get("/cases/by-number/{number}", summary="按信访件编号查办件", responses=problems(404))
async def show_case_by_number(
    number: Annotated[str, Path(max_length=40)],
    caller: Reader,
    session: Reading,
    reference: ReferenceDep,
    today: Today,
) -> CaseDetail:
    """The case that holds a petition number."""
    case_id = await petitions.case_of_number(session, number)
    if case_id is None:
        raise NotFound("没有这个办件")
    return await _detail(case_id, caller, session, reference, today)


@router.get("/cases/{case_id}", summary="办件详情", responses=problems(404))
async def show_case(
    case_id: UUID, caller: Reader, session: Reading, reference: ReferenceDep, today: Today
) -> CaseDetail:
    """One case; its masked words only for the organs involved."""
    return await _detail(case_id, caller, session, reference, today)


@router.get("/cases/{case_id}/explanation", summary="为何这样分流", responses=problems(404))
async def explain_case(
    case_id: UUID, caller: Reader, session: Reading, reference: ReferenceDep
) -> Explanation:
    """Every decision of the case with rule trail, runner-up, confidence and data editions."""
    row, with_words = await visible(case_id, caller, session, reference)
    names = views.names_in(reference)
    stored = await decisions.of_case(session, case_id)
    return Explanation(
        case_id=case_id,
        number=row.number,
        decisions=[views.decision(each, names, with_words=with_words) for each in stored],
    )


async def _detail(
    case_id: UUID, caller: Caller, session: Reading, reference: ReferenceDep, today: date
) -> CaseDetail:
    row, with_words = await visible(case_id, caller, session, reference)
    case = await cases.load(session, case_id)
    if case is None:
        raise NotFound("没有这个办件")
    return views.detail(row, case, reference, today=today, with_words=with_words)


async def visible(
    case_id: UUID, caller: Caller, session: Reading, reference: ReferenceDep
) -> tuple[Any, bool]:
    """The row of a case the caller may see, and whether with its words. Raises NotFound."""
    found = await lists.visible(
        session,
        case_id,
        organs=working(caller, reference.divisions).of_organs,
        divisions=watching_scope(caller, reference.divisions).of_divisions,
        above=organs_above(caller, reference.organs),
    )
    if found is None:
        raise NotFound("没有这个办件")
    return found


def _key(view: CaseView, row: Any) -> tuple[object, ...]:
    if view is CaseView.TODO:
        return row.due_on, row.case_id
    return (row.due_on, row.part_id) if view is CaseView.ASSISTING else (row.case_id,)


def _due_key(cursor: str | None) -> tuple[date, UUID] | None:
    if not cursor:
        return None
    due_on, case_id = decode_cursor(cursor, 2)
    return _parsed(date.fromisoformat, due_on), _parsed(UUID, case_id)


def _id_key(cursor: str | None) -> UUID | None:
    if not cursor:
        return None
    (case_id,) = decode_cursor(cursor, 1)
    return _parsed(UUID, case_id)


def _parsed(read: Callable[[str], KeyT], text: str) -> KeyT:
    try:
        return read(text)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error
