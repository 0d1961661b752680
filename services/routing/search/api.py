"""Search of cases. A body and no query: words in addresses would land in access logs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints
from sqlalchemy import ColumnElement, false, or_

from services.routing.cases.store import lists
from services.routing.cases.store.cases import CASE
from services.routing.casework.api import views
from services.routing.casework.api.schemas import CaseSummary
from services.routing.common.api.callers import WATCHING, Reader, watching_scope, working_scope
from services.routing.common.api.paging_keys import id_key
from services.routing.common.use_cases.bodies import (
    CaseNumber,
    CategoryCode,
    DivisionCode,
    OrganCode,
)
from services.routing.search import store as search
from services.routing.search_index.domain import searched
from shared.kernel.errors import Forbidden
from shared.reference.divisions import normalise_code
from shared.reference.editions import Reference
from shared.vocabulary.cases import CaseState, ClosingKind
from shared.vocabulary.petitions import Purpose
from shared.web.bodies import Day
from shared.web.deps import Reading, ReferenceDep
from shared.web.paging import Page, cut_page, encode_cursor, page_of
from shared.web.problems import problems
from shared.web.security import organs_above
from shared.workflow.bodies import Request

router = APIRouter(tags=["cases"])

SearchText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class SearchIn(Request):
    """What to search for; every condition must hold."""

    number: CaseNumber | None = Field(None, description="信访件编号（前缀）")
    organ_code: OrganCode | None = Field(None, description="现承办机关")
    category_code: CategoryCode | None = Field(None, description="内容分类（含下级）")
    division_code: DivisionCode | None = Field(None, description="属地（含下级）")
    purpose: Purpose | None = Field(None, description="信访目的")
    state: CaseState | None = Field(None, description="办件状态")
    closing_kind: ClosingKind | None = Field(None, description="办结方式")
    received_from: Day | None = Field(None, description="收到日期起（含）")
    received_to: Day | None = Field(None, description="收到日期止（含）")
    due_before: Day | None = Field(None, description="到期日早于")
    text: SearchText | None = Field(
        None, description="标题、内容、地点中的文字，空格分隔须同时出现"
    )
    limit: int = Field(50, ge=1, le=200, description="每页条数")
    cursor: str | None = Field(None, max_length=500, description="上一页返回的 next")


@router.post(
    "/search", summary="检索办件", response_model=Page[CaseSummary], responses=problems(403)
)
async def search_cases(
    body: SearchIn, caller: Reader, session: Reading, reference: ReferenceDep
) -> Response:
    """Cases the caller may see, newest first: by their words only those of the own organ."""
    inside: ColumnElement[bool] = false()
    if caller.roles - WATCHING:
        inside = lists.involved(working_scope(caller, reference.divisions).of_organs)
    elif body.text is not None:
        raise Forbidden("督查、领导岗位不看办件内容，不能按文字检索")
    watched = watching_scope(caller, reference.divisions).of_divisions(CASE.c.division_code)
    seen = inside if body.text is not None else or_(inside, watched)
    rows = await search.found(
        session, _wanted(body, reference),
        scope=seen & lists.not_hidden(organs_above(caller, reference.organs)),
        with_title=inside, after=id_key(body.cursor), limit=body.limit + 1,
    )  # fmt: skip
    shown, more = cut_page(rows, body.limit)
    names = views.names_in(reference)
    following = encode_cursor(shown[-1].case_id) if more else None
    return page_of([views.line(row, names) for row in shown], following)


def _wanted(body: SearchIn, reference: Reference) -> search.Wanted:
    categories = divisions = None
    if body.category_code is not None:
        code = body.category_code
        width = next((w for w in (2, 4) if not code[w:].strip("0")), 6)
        categories = (code, code[:width].ljust(6, "9"))
    if body.division_code is not None:
        divisions = reference.divisions.subtree_range(normalise_code(body.division_code))
    return search.Wanted(
        number=body.number, organ_code=body.organ_code,
        categories=categories, divisions=divisions,
        purpose=body.purpose, state=body.state, closing_kind=body.closing_kind,
        received_from=body.received_from, received_to=body.received_to,
        due_before=body.due_before,
        words=searched(body.text) if body.text is not None else (),
    )  # fmt: skip
