"""Every kind of paper in both formats; hostile texts; what no paper may ask for."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import docx
import pypdf
import pytest

from shared.papers.docx import to_docx
from shared.papers.errors import FontMissing, PaperInvalid, TextRefused
from shared.papers.filling import compose
from shared.papers.fonts import PaperFonts, find_fonts
from shared.papers.kinds import PaperKind, Slot, SlotKind, packaged_kinds, paper_kind
from shared.papers.numbers import chinese_date, document_number
from shared.papers.pdf import to_pdf

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


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "\ufffe", "\u202ex", "😀", "𠀀"], ids=ascii)
def test_what_cannot_be_shown_is_refused_and_never_a_box(text: str) -> None:
    kind = paper_kind("supplement")
    with pytest.raises(TextRefused):
        to_pdf(compose(kind, filled(kind, materials=text)))


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
