"""Lists as .xlsx: what begins like a formula stays text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest

from services.routing.papers.use_cases.lists import Column, ColumnKind, ListHead, to_xlsx
from shared.kernel.errors import Invalid
from shared.papers.errors import ListTooLong

HEAD = ListHead("在办清单", "长沙县", datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
COLUMNS = (Column("标题"), Column("到期", ColumnKind.DATE), Column("件数", ColumnKind.INT))


def test_a_formula_is_a_text() -> None:
    starts = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "http://a.example/",
        "{=1}",
        "=cmd|' /C calc'!A0",
    ]
    rows = [(start, date(2026, 1, 2), 3) for start in starts]
    made = to_xlsx(HEAD, COLUMNS, rows)
    assert made == to_xlsx(HEAD, COLUMNS, rows)
    sheet = openpyxl.load_workbook(BytesIO(made)).active
    assert sheet is not None
    cells = list(sheet.iter_rows(min_row=4))
    assert [row[0].value for row in cells] == starts
    assert {row[0].data_type for row in cells} == {"s"}
    assert {row[1].data_type for row in cells} == {"d"}
    assert {row[2].value for row in cells} == {3}
    assert sheet.freeze_panes == "A4"
    assert "长沙县" in str(sheet["A2"].value)


RECEIVED = {
    "灯\u200b不亮": "灯不亮",
    "甲\x0b乙\u2028丙\x00丁": "甲\n乙\n丙丁",
    "\ufffe\ud800x\U0001f621": "[U+FFFE]x\U0001f621",
    "_x0041_": "_x0041_",
    "\u202e=1+1": "=1+1",
    "\r\n=1": "\n=1",
}


@pytest.mark.parametrize(("text", "shown"), RECEIVED.items(), ids=ascii)
def test_what_was_received_never_stops_a_list(text: str, shown: str) -> None:
    head = ListHead(text, text, HEAD.as_of)
    made = to_xlsx(head, (Column(text),), [(text,), ("后一行",)])
    sheet = openpyxl.load_workbook(BytesIO(made)).active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows(min_row=4)]
    assert [cell.value.replace("\r", "") for cell in cells] == [shown, "后一行"]
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize("text", ["字" * 40_000, "\U0001f621" * 20_000, "x" * 32_767], ids=len)
def test_what_no_cell_holds_is_cut_and_said(text: str) -> None:
    sheet = openpyxl.load_workbook(BytesIO(to_xlsx(HEAD, (Column("a"),), [(text,)]))).active
    assert sheet is not None
    shown = str(sheet["A4"].value)
    assert len(shown.encode("utf-16-le")) <= 2 * 32_767
    assert shown == text or shown.endswith(f"以下略；全文共{len(text)}字）")
    assert (shown == text) is text.startswith("x")


def test_a_list_has_an_end_and_its_cells_a_kind() -> None:
    with pytest.raises(ListTooLong):
        to_xlsx(HEAD, (Column("a"),), [("x",)] * 3, most=2)
    with pytest.raises(Invalid):
        to_xlsx(HEAD, (Column("a", ColumnKind.INT),), [("x",)])
