"""Pages as PDF/A-2b, the form for keeping: fonts inside, no missing glyph, equal bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from shared.papers.blocks import Blank, Block, Pages, Table
from shared.papers.fonts import FoundFonts, PaperFonts, find_fonts
from shared.papers.line_ends import after_hyphens, breakable, width
from shared.papers.text import stand_in

STANDARD = "a-2b"
LINE_EMS = {"organ": 12.0, "title": 14.0, "cover": 10.0}
"""Within how many widths of a character of its style a line must be able to end; else BODY_EMS."""
BODY_EMS = 20.0
CELL_EMS = 5.5
"""The same in a table's narrow column; a date of ten characters stays whole."""
PAGE_LINES = 24
"""A row of a table stays on one page unless it has more lines."""
TEXT_EMS = 36.8
"""The page's width in characters of a table."""


def to_pdf(pages: Pages, fonts: PaperFonts | None = None) -> bytes:
    """The PDF of these pages; the same bytes for the same pages, fonts and version of typst.

    A character that no font has is shown as its code point, [U+1F621]. Raises FontMissing without
    any font.
    """
    made = _compiled(pages, fonts or PaperFonts(), format="pdf", pdf_standards=[STANDARD])
    return bytes(made)


def to_pictures(pages: Pages, fonts: PaperFonts | None = None, *, ppi: float = 72) -> list[bytes]:
    """Each page as PNG, for a look at it. Raises FontMissing."""
    made = _compiled(pages, fonts or PaperFonts(), format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _compiled(pages: Pages, fonts: PaperFonts, **options: Any) -> Any:
    import typst  # noqa: PLC0415  # lazy: only who prints loads the typesetter

    found = find_fonts(fonts)
    data = {
        "title": _known(pages.title, found),
        "day": pages.day,
        "body": found.body,
        "display": found.title,
        "heading": found.heading,
        "blocks": [_plain(block, found) for block in pages.blocks],
    }
    compiler = typst.Compiler(font_paths=found.loaded, ignore_system_fonts=True)
    return compiler.compile(
        input=_template(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=datetime(*pages.day, tzinfo=UTC),
        **options,
    )


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (files("shared.papers") / "paper.typ").read_bytes()


def _plain(block: Block | Table, found: FoundFonts) -> dict[str, Any]:
    if isinstance(block, Table):
        rows = [[_known(cell, found) for cell in row] for row in block.rows]
        ems = [TEXT_EMS * each / sum(block.widths) - 1 for each in block.widths]
        return {
            "head": block.head,
            "rows": [[breakable(cell, ems=CELL_EMS) for cell in row] for row in rows],
            "long": [_is_long(row, ems) for row in rows],
            "widths": block.widths,
        }
    ems_of_line = LINE_EMS.get(block.style, BODY_EMS)
    return {
        "style": block.style,
        "runs": [
            {"blank": run.width}
            if isinstance(run, Blank)
            else breakable(after_hyphens(_known(run, found)), ems=ems_of_line)
            for run in block.runs
        ],
    }


def _is_long(row: Sequence[str], ems: Sequence[float]) -> bool:
    """Whether a row of a table is too high for one page."""
    for cell, room in zip(row, ems, strict=True):
        lines = sum(1 + int(width(line) / max(1, room - 1)) for line in cell.split("\n"))
        if lines > PAGE_LINES:
            return True
    return False


def _known(text: str, found: FoundFonts) -> str:
    shown, text = found.characters, text.replace("\t", " ")
    return "".join(each if ord(each) in shown or each == "\n" else stand_in(each) for each in text)
