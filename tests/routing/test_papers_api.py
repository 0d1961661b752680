"""A case's papers, file and lists over HTTP, as files that can be opened."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
import openpyxl
import pypdf
import pytest

from services.routing.main import SPEC
from shared.vocabulary.petitions import Purpose
from tests.routing.making import CHANGSHA, COUNTY, HOUSING
from tests.routing.test_casework_api import ANSWER, Desk

OPINION = ANSWER | {
    "request": "请求整改外墙渗水。", "facts": "经查，外墙确有渗水。", "reasons": "属质量保修范围。",
}  # fmt: skip


@pytest.fixture
async def desk(make_service: Any) -> Desk:
    return Desk(await make_service(SPEC))


def text_of(content: bytes) -> str:
    assert content.startswith(b"%PDF"), content
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return "".join("".join(page.extract_text() for page in pages).split()).replace("\u200b", "")


async def test_an_opinion_is_printed_with_its_remedy_and_no_name(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **OPINION)
    url = f"/cases/{desk.case_id}/notices"
    accepted = await desk.get(f"{url}/1/paper", HOUSING)
    assert "2026年5月1日" in text_of(accepted.content)  # sixty days after acceptance
    printed = await desk.get(f"{url}/2/paper", HOUSING)
    assert printed.headers["content-type"] == "application/pdf"
    text = text_of(printed.content)
    above = "长沙市住房和城乡建设局"
    for words in ("信访事项处理意见书", "长沙县住建处〔2026〕1号", "外墙确有渗水", "30日内", above):
        assert words in text
    word = await desk.get(f"{url}/2/paper?format=docx", HOUSING)
    paragraphs = docx.Document(BytesIO(word.content)).paragraphs
    assert "外墙确有渗水" in "".join(p.text for p in paragraphs)
    assert (await desk.get(f"{url}/9/paper", HOUSING)).status_code == 404
    assert (await desk.get(f"{url}/2/paper", f"{COUNTY}-EDUCATION")).status_code == 404


async def test_what_was_not_written_apart_is_not_printed(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER)
    refused = await desk.get(f"/cases/{desk.case_id}/notices/2/paper", HOUSING)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_printable")


async def test_a_suggestion_and_a_guided_person_have_papers_of_their_own(desk: Desk) -> None:
    await desk.receive(purpose=Purpose.SUGGESTION)
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **ANSWER | {"opinion": "adopted"})
    reply = await desk.get(f"/cases/{desk.case_id}/notices/2/paper", HOUSING)
    assert "采纳" in text_of(reply.content)
    await desk.receive("停水")
    await desk.act(
        "decision", CHANGSHA, kind="guide", note="民事纠纷", organ_code=f"{COUNTY}-COURT",
        route="litigation",
    )  # fmt: skip
    await desk.act("delivery", CHANGSHA, method="in_person")
    told = await desk.get(f"/cases/{desk.case_id}/notices/1/paper", CHANGSHA)
    assert "长沙县人民法院" in text_of(told.content)


async def test_the_case_file_holds_all_that_was_done(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("answer", HOUSING, **OPINION)
    await desk.act("delivery", HOUSING, method="post", proof="挂号信")
    filed = await desk.get(f"/cases/{desk.case_id}/file", HOUSING)
    text = text_of(filed.content)
    for words in (
        "信访卷宗",
        "受理",
        "出具处理意见",
        "送达处理意见",
        "外墙确有渗水",
        "长沙县住建受告〔2026〕1号",
        "长沙县住建处〔2026〕1号",
    ):
        assert words in text
    assert (await desk.get(f"/cases/{desk.case_id}/file", f"{COUNTY}-AUDIT")).status_code == 404


async def test_the_work_list_is_a_table(desk: Desk) -> None:
    await desk.receive("=1+1 长沙县小区漏水")
    await desk.receive()
    made = await desk.get("/work-list.xlsx", HOUSING)
    sheet = openpyxl.load_workbook(BytesIO(made.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert len(rows) == 2
    assert "=1+1 长沙县小区漏水" in {row[1] for row in rows}


async def test_a_paper_names_what_was_not_said(desk: Desk) -> None:
    await desk.receive()
    await desk.act("acceptance", HOUSING)
    await desk.act("supplement-request", HOUSING, wanted="购房合同")
    refused = await desk.get(f"/cases/{desk.case_id}/notices/2/paper", HOUSING)
    assert refused.status_code == 409
    for words in ("需要的理由", "建议提交日期", "提交方式"):
        assert words in refused.json()["detail"]
