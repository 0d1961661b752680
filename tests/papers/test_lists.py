"""Lists as .xlsx: what begins like a formula stays text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest

from shared.kernel.errors import Invalid
from shared.papers.errors import ListTooLong
from shared.papers.lists import Column, ColumnKind, ListHead, to_xlsx

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


def test_a_list_has_an_end_and_its_cells_a_kind() -> None:
    with pytest.raises(ListTooLong):
        to_xlsx(HEAD, (Column("a"),), [("x",)] * 3, most=2)
    with pytest.raises(Invalid):
        to_xlsx(HEAD, (Column("a", ColumnKind.INT),), [("x",)])
