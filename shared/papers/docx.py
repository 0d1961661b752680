"""Pages as .docx, for those who must still change something by hand."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from shared.papers.blocks import Blank, Block, Pages, Table
from shared.papers.fonts import PaperFonts

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
RED = RGBColor(0xC8, 0x10, 0x2E)
GREY = RGBColor(0x6E, 0x6E, 0x6E)
CENTRED = frozenset({"organ", "number", "title"})
RIGHT = frozenset({"sign-organ", "seal", "sign-date"})
KEPT_WITH_NEXT = frozenset({"heading", "sign-organ", "seal"})
INDENTED = frozenset({"body", "heading", "small"})
SIZES = {"organ": 26, "title": 22, "seal": 12, "small": 12}
TITLES = frozenset({"organ", "title", "heading"})


def to_docx(pages: Pages, fonts: PaperFonts | None = None) -> bytes:
    """The .docx of these pages; equal bytes for equal pages.

    The reader's own machine supplies the fonts, so the first family wished for is named and a
    rare character is never refused here.
    """
    wanted = fonts or PaperFonts()
    made = docx.Document()
    _set_page(made, wanted)
    made.core_properties.title = pages.title
    made.core_properties.author = ""
    made.core_properties.created = made.core_properties.modified = datetime(*pages.day)  # noqa: DTZ001  the format has no zone
    for block in pages.blocks:
        if isinstance(block, Table):
            _add_table(made, block)
        else:
            _fill(made.add_paragraph(), block, wanted)
    return _with_fixed_times(made)


def _set_page(made: Document, fonts: PaperFonts) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = made.styles["Normal"]
    normal.font.size = Pt(16)
    _name(normal.element.get_or_add_rPr(), fonts.body[0])
    normal.paragraph_format.line_spacing = Pt(28)
    normal.paragraph_format.space_after = Pt(0)
    footer = section.footer.paragraphs[0]
    footer.alignment = ALIGN.CENTER
    footer.add_run("— ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._p.append(field)  # noqa: SLF001  python-docx has no fields
    footer.add_run(" —")


def _fill(paragraph: Paragraph, block: Block, fonts: PaperFonts) -> None:
    size = SIZES.get(block.style, 16)
    _place(paragraph, block.style, size)
    for each in block.runs:
        run = paragraph.add_run("\u00a0" * 2 * each.width if isinstance(each, Blank) else each)
        run.underline = isinstance(each, Blank) or None
        run.font.size = Pt(size)
        if block.style in TITLES:
            run.bold = True
            _name(run._r.get_or_add_rPr(), fonts.title[0])  # noqa: SLF001
        if block.style == "organ":
            run.font.color.rgb = RED
        if block.style == "seal":
            run.font.color.rgb = GREY


def _place(paragraph: Paragraph, style: str, size: int) -> None:
    """Where a paragraph of a style stands on the page."""
    form = paragraph.paragraph_format
    form.keep_with_next = style in KEPT_WITH_NEXT
    if style in CENTRED:
        paragraph.alignment = ALIGN.CENTER
        form.line_spacing = Pt(max(28, size * 1.4))
        form.space_after = Pt(18 if style != "organ" else 6)
    if style in RIGHT:
        paragraph.alignment = ALIGN.RIGHT
        form.right_indent = Pt(64)
    if style == "sign-organ":
        form.space_before = Pt(40)
    if style == "party":
        form.space_before = Pt(10)
    if style in INDENTED:
        form.first_line_indent = Pt(2 * size)
    if style == "number":
        _rule_below(paragraph)


def _name(properties: Any, family: str) -> None:
    """Name the font for Chinese too; python-docx alone sets it for Latin letters only."""
    names = properties.get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        names.set(qn(script), family)


def _rule_below(paragraph: Paragraph) -> None:
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "8"), ("space", "6"), ("color", "C8102E")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _add_table(made: Document, table: Table) -> None:
    grid = made.add_table(rows=1 + len(table.rows), cols=len(table.head))
    grid.style = "Table Grid"
    whole = sum(table.widths)
    for row, texts in zip(grid.rows, (table.head, *table.rows), strict=True):
        for cell, text, width in zip(row.cells, texts, table.widths, strict=True):
            cell.width = Mm(156 * width / whole)
            _fill_cell(cell, text, bold=texts is table.head)
    repeated = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001


def _fill_cell(cell: _Cell, text: str, *, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.line_spacing = Pt(18)
    run = paragraph.add_run(text)
    run.font.size = Pt(12)
    run.bold = bold


def _with_fixed_times(made: Document) -> bytes:
    """The file's bytes without the times at which its members were packed."""
    packed, fixed = BytesIO(), BytesIO()
    made.save(packed)
    with ZipFile(packed) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            member = ZipInfo(name, ZIP_TIME)
            member.compress_type = ZIP_DEFLATED
            target.writestr(member, source.read(name))
    return fixed.getvalue()
