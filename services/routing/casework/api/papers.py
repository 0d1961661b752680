"""A case's papers, its file and the organ's lists as files: .pdf, .docx, .xlsx.

Papers leave the petitioner's name and address open (decisions 9). Pages are set in a thread: they
take processor time the other requests need.
"""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from sqlalchemy import select

from services.routing.cases.store import cases, lists
from services.routing.cases.store.cases import ACT
from services.routing.casework.api import views
from services.routing.casework.use_cases.acting import has_to_do_with
from services.routing.common.api.callers import Officer, Worker
from services.routing.papers.use_cases import printing
from services.routing.papers.use_cases.case_file import compose_case_file
from services.routing.papers.use_cases.lists import Column, ColumnKind, ListHead, to_xlsx
from services.routing.papers.use_cases.paper_values import paper_of
from shared.kernel.errors import NotFound
from shared.papers.docx import to_docx
from shared.papers.filling import compose
from shared.papers.kinds import paper_kind
from shared.papers.pdf import to_pdf
from shared.vocabulary.papers import Format
from shared.web.deps import Reading, ReferenceDep, ServiceDep, Today
from shared.web.problems import problems
from shared.web.security import organs_above
from shared.workflow.routes import actor_of

router = APIRouter(tags=["papers"])
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LINES = 5_000
COLUMNS = (
    Column("信访编号", width=24),
    Column("标题", width=40),
    Column("状态", width=12),
    Column("内容分类", width=28),
    Column("属地", width=28),
    Column("承办单位", width=28),
    Column("收到日期", ColumnKind.DATE, width=12),
    Column("到期日", ColumnKind.DATE, width=12),
)


def _file(content: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media, headers=headers)


def _answers(*media: str) -> dict[int | str, dict[str, object]]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": dict.fromkeys(media, schema), "description": "文件"}}


@router.get(
    "/cases/{case_id}/notices/{ordinal}/paper",
    summary="文书（姓名、住址留空）",
    response_class=Response,
    responses=_answers(PDF, DOCX) | problems(404, 409),
)
async def print_paper(
    case_id: UUID,
    ordinal: Annotated[int, Path(ge=1, le=10_000)],
    caller: Officer,
    session: Reading,
    reference: ReferenceDep,
    format: Format = Format.PDF,  # noqa: A002  the word clients know
) -> Response:
    """One paper owed to the petitioner, with lines left for name and address."""
    case = await cases.load(session, case_id)
    if case is None or not has_to_do_with(case, actor_of(caller, None), reference):
        raise NotFound("没有这份文书")
    notice = next((each for each in case.notices if each.ordinal == ordinal), None)
    if notice is None:
        raise NotFound("没有这份文书")
    words = await cases.words_of(session, case_id)
    code, values = paper_of(case, notice, words, reference)
    pages = compose(paper_kind(code), values)
    if format is Format.DOCX:
        return _file(await asyncio.to_thread(to_docx, pages), DOCX, f"{code}-{ordinal}.docx")
    return _file(await asyncio.to_thread(to_pdf, pages), PDF, f"{code}-{ordinal}.pdf")


@router.get(
    "/cases/{case_id}/file",
    summary="卷宗",
    response_class=Response,
    responses=_answers(PDF) | problems(404),
)
async def print_case_file(
    case_id: UUID, caller: Officer, session: Reading, reference: ReferenceDep, today: Today,
    service: ServiceDep,
) -> Response:  # fmt: skip
    """The whole case as one PDF: acts, holds, opinions, papers. No field of a petitioner is in it;
    in words numbers of persons are hidden, names as those who typed them wrote."""
    case = await cases.load(session, case_id)
    if case is None or not has_to_do_with(case, actor_of(caller, None), reference):
        raise NotFound("没有这个办件")
    words = await cases.words_of(session, case_id)
    query = select(ACT.c.ordinal, ACT.c.done_at).where(ACT.c.case_id == case_id)
    zone = service.clock.zone
    done_at = {
        row.ordinal: printing.local(row.done_at, zone) for row in await session.execute(query)
    }
    filed = printing.file_of(case, words, done_at, reference, on=today)
    made = await asyncio.to_thread(lambda: to_pdf(compose_case_file(filed)))
    return _file(made, PDF, "case-file.pdf")


@router.get(
    "/work-list.xlsx",
    summary="本机关待办清单（表格）",
    response_class=Response,
    responses=_answers(XLSX) | problems(422),
)
async def export_work_list(
    caller: Worker, session: Reading, reference: ReferenceDep, service: ServiceDep
) -> Response:
    """What the organ must act on next, by due date, as a table; at most 5,000 lines."""
    organs = caller.scope.organs
    rows = await lists.todo(
        session, organs, above=organs_above(caller, reference.organs),
        after=None, state=None, limit=MOST_LINES + 1,
    )  # fmt: skip
    names = views.names_in(reference)
    lines = [views.line(row, names) for row in rows]
    scope = "、".join(names.organ(code) or code for code in sorted(organs))[:200]
    head = ListHead("待办清单", scope, printing.local(service.clock.now(), service.clock.zone))
    table = [
        (
            line["number"], line["title"], line["state_name"], line["category_name"],
            line["division_name"], line["organ_name"], line["received_on"], line["due_on"],
        )
        for line in lines
    ]  # fmt: skip
    made = await asyncio.to_thread(to_xlsx, head, COLUMNS, table, most=MOST_LINES)
    return _file(made, XLSX, "work-list.xlsx")
