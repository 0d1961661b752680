"""Every kind of paper in both formats; hostile texts; what no paper may ask for."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import docx
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.papers.use_cases.case_file import (
    Act,
    OpinionEntry,
    PaperEntry,
    PrintedFile,
    ReferralEntry,
    compose_case_file,
)
from shared.papers.docx import to_docx
from shared.papers.errors import FontMissing, PaperInvalid
from shared.papers.filling import compose
from shared.papers.fonts import PaperFonts, find_fonts
from shared.papers.kinds import PaperKind, Slot, SlotKind, packaged_kinds, paper_kind
from shared.papers.numbers import chinese_date, document_number
from shared.papers.pdf import to_pdf, to_pictures
from shared.papers.text import in_one_line, printable
from tests.support.pictures import ink
from tests.support.tiers import examples

DAY = date(2026, 11, 22)
GIVING_UP = ("息诉", "罢访", "不再上访", "不再信访", "撤诉")
HARMLESS = ("未提交不视为放弃诉求", "不以任何承诺为条件")


def sample(slot: Slot) -> Any:
    if slot.kind is SlotKind.DATE:
        return DAY
    if slot.kind is SlotKind.NUMBER:
        return 30
    if slot.kind is SlotKind.CHOICE:
        return next(iter(slot.options))
    if slot.kind is SlotKind.ROWS:
        return [["甲"] * len(slot.columns)]
    return f"{slot.label}的内容"


def filled(kind: PaperKind, **values: Any) -> dict[str, Any]:
    plain = {n: sample(s) for n, s in kind.slots.items() if s.kind is not SlotKind.PETITIONER}
    return plain | values


def words_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    text = "".join(page.extract_text() for page in pages).replace("\u200b", "")
    return re.sub(r"—\d+—", "", "".join(text.split()))


@pytest.mark.parametrize("code", packaged_kinds())
def test_every_kind_is_printed_the_same_each_time(code: str) -> None:
    kind = paper_kind(code)
    pages = compose(kind, filled(kind))
    pdf = to_pdf(pages)
    assert pdf.startswith(b"%PDF")
    assert pdf == to_pdf(pages)
    assert "".join(kind.title.split()) in words_of(pdf)
    written = to_docx(pages)
    assert written == to_docx(pages)
    paragraphs = [p.text for p in docx.Document(BytesIO(written)).paragraphs]
    assert kind.title in paragraphs
    assert chinese_date(DAY) in "".join(paragraphs)


@pytest.mark.parametrize("code", packaged_kinds())
def test_no_paper_asks_anybody_to_give_up_a_right(code: str) -> None:
    kind = paper_kind(code)
    text = "".join(part.text for part in kind.parts)
    for harmless in HARMLESS:
        text = text.replace(harmless, "")
    assert not [word for word in (*GIVING_UP, "放弃", "承诺") if word in text]
    assert kind.articles


def test_the_person_stays_a_line_to_write_on_until_somebody_knows_who() -> None:
    kind = paper_kind("acceptance")
    before = words_of(to_pdf(compose(kind, filled(kind))))
    after = words_of(to_pdf(compose(kind, filled(kind, petitioner_name="欧阳小满"))))
    assert "欧阳小满" in after
    assert "欧阳小满" not in before


HOSTILE = [
    '#import "x": *', "*粗* _x_ $a$ <w:p> @ref `r` \\ [a] {b} {number} // /* */", "龘犇骉",
    "A" * 4000, "中" * 4000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_a_text_comes_out_as_it_was_typed(text: str) -> None:
    kind = paper_kind("supplement")
    pages = compose(kind, filled(kind, materials=text))
    assert "".join(text.split()) in words_of(to_pdf(pages))
    written = docx.Document(BytesIO(to_docx(pages))).paragraphs
    assert text in "\n".join(p.text for p in written)


RECEIVED = {
    "灯\u200b不亮": "灯不亮",
    "\ufeff一\u00ad二\u034f三\ufe0f四\U000e0100": "一二三四",
    "家\U0001f468\u200d\U0001f469\u200d\U0001f467气\U0001f621": (
        "家[U+1F468][U+1F469][U+1F467]气[U+1F621]"
    ),
    "\U00020000街": "[U+20000]街",
    "甲\x0b乙\u2028丙\x85丁\x0c戊\r\n己\r庚": "甲乙丙丁戊己庚",
    "\u202e倒过来\u202c\u2066x\u2069": "倒过来x",
    "a\x00b\x1bc\x7fd\ud800e": "abcde",
    "无\ufffe字\uffff符\U0001ffff": "无[U+FFFE]字[U+FFFF]符[U+1FFFF]",
    "\ue000私\u05d0\u0627": "[U+E000]私[U+05D0][U+0627]",
    "空\u2003白\u00a0\u2800\tx": "空白x",
    "\u200b\u3164\ufeff": "（无可显示的文字）",
}
"""What was received, and what a paper shows of it."""


@pytest.mark.parametrize(("text", "shown"), RECEIVED.items(), ids=ascii)
def test_what_was_received_never_stops_a_paper(text: str, shown: str) -> None:
    for slot in ("materials", "hand_in"):  # of many lines, of one
        kind = paper_kind("supplement")
        pages = compose(kind, filled(kind, **{slot: text}))
        assert shown in words_of(to_pdf(pages))
        written = "".join(p.text for p in docx.Document(BytesIO(to_docx(pages))).paragraphs)
        assert "\u200b" not in written
        assert "\u202e" not in written
    case = a_case(text)
    assert shown.replace("（无可显示的文字）", "无") in words_of(to_pdf(compose_case_file(case)))


def a_case(text: str) -> PrintedFile:
    """A case file with this text wherever one can stand."""
    return PrintedFile(
        petition_number=text, organ=text, category=text, purpose=text, received_on=DAY,
        closed_on=None, made_on=DAY, text=text,
        acts=(Act(datetime(2026, 1, 2, 3, 4, tzinfo=UTC), text, text, text),),
        referrals=(ReferralEntry(DAY, None, text, text, text),),
        opinions=(OpinionEntry(text, text, text, DAY, ((text, text),)),),
        papers=(PaperEntry(DAY, text, text, text, "0" * 64),),
    )  # fmt: skip


UNBROKEN = (
    "W" * 200, "я" * 200, "，" * 200, "（" * 200, "\U0001f621" * 30, f"{'a' * 64}/{'b' * 99}",
    "一\n" * 60, "普通的一句话。",
)  # fmt: skip


@pytest.mark.parametrize("text", UNBROKEN, ids=lambda text: ascii(text[:1]))
def test_nothing_runs_off_the_page(text: str) -> None:
    kind = paper_kind("supplement")
    paper = compose(kind, filled(kind, materials=text, hand_in=text, petitioner_name=text))
    for pages in (paper, compose_case_file(a_case(text))):
        for picture in to_pictures(pages, ppi=18):
            left, top, right, bottom = ink(picture)
            assert (left * 210 > 22, right * 210 < 188) == (True, True)
            assert (top * 297 > 33, bottom * 297 < 278) == (True, True)


def test_a_cell_of_many_lines_goes_on_on_the_next_page() -> None:
    case = replace(
        a_case("短"), acts=(Act(datetime(2026, 1, 2, tzinfo=UTC), "一\n" * 300, "", ""),)
    )
    assert words_of(to_pdf(compose_case_file(case))).count("一") >= 300


@given(st.text(min_size=1, max_size=200))
def test_any_text_can_be_printed(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert in_one_line(text)
    kind = paper_kind("supplement")
    to_docx(compose(kind, filled(kind, materials=text, hand_in=text)))


@given(st.text(min_size=1, max_size=200))
@examples(15)
def test_any_text_can_be_set(text: str) -> None:
    to_pdf(compose_case_file(a_case(text)))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(PaperInvalid) as caught:
        compose(paper_kind("extension"), {"number": "〔2026〕1号"})
    assert "延长的理由" in caught.value.detail
    with pytest.raises(PaperInvalid):
        compose(paper_kind("extension"), filled(paper_kind("extension"), surprise="x"))
    with pytest.raises(PaperInvalid):
        paper_kind("nothing")


def test_without_a_chinese_font_there_is_an_error() -> None:
    with pytest.raises(FontMissing):
        find_fonts(PaperFonts(packaged=False))


def test_numbers_and_dates_follow_the_standard() -> None:
    pattern = "{mark}处〔{year}〕{serial}号"
    assert document_number(pattern, mark="长住建", year=2026, serial=7) == "长住建处〔2026〕7号"
    for wrong in ({"mark": "x"}, {"serial": 0}, {"year": 26}):
        values = {"mark": "长住建", "year": 2026, "serial": 7} | wrong
        with pytest.raises(PaperInvalid):
            document_number(pattern, **values)
