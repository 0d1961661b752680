"""Pages as PDF/A-2b, the form for keeping: fonts inside, no missing glyph, equal bytes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import typst

from shared.papers.blocks import Blank, Block, Pages, Table
from shared.papers.errors import TextRefused
from shared.papers.fonts import PaperFonts, find_fonts

STANDARD = "a-2b"
NOT_DISPLAYED = re.compile(r"the text `\"(.+?)\"` could not be displayed")
UNBROKEN = re.compile(r"(?<=[!-~])[-/](?=[!-~])|[!-~]{24}(?=[!-~])")
"""Letters, digits and marks without a space, as in an address of the web: they get places where
the line may end, else they run off the paper."""
IN_A_CELL = re.compile(r"[!-~]{10}(?=[!-~])")
"""The same in a table's narrow column; a date of ten characters stays whole."""
LINE_MAY_END = "\u200b"


def to_pdf(pages: Pages, fonts: PaperFonts | None = None) -> bytes:
    """The PDF of these pages; the same bytes for the same pages, fonts and version of typst.

    Raises TextRefused naming the first character that no font has, FontMissing without any font.
    """
    made = _compiled(pages, fonts or PaperFonts(), format="pdf", pdf_standards=[STANDARD])
    return bytes(made)


def to_pictures(pages: Pages, fonts: PaperFonts | None = None, *, ppi: float = 72) -> list[bytes]:
    """Each page as PNG, for a look at it. Raises FontMissing."""
    made = _compiled(pages, fonts or PaperFonts(), format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _compiled(pages: Pages, fonts: PaperFonts, **options: Any) -> Any:
    found = find_fonts(fonts)
    data = {
        "title": pages.title,
        "day": pages.day,
        "body": found.body,
        "display": found.title,
        "heading": found.heading,
        "blocks": [_plain(block) for block in pages.blocks],
    }
    compiler = typst.Compiler(font_paths=found.loaded, ignore_system_fonts=True)
    try:
        return compiler.compile(
            input=_template(),
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=datetime(*pages.day, tzinfo=UTC),
            **options,
        )
    except typst.TypstError as error:
        missing = NOT_DISPLAYED.search(error.message)
        if missing is None:
            raise
        point = _code_point(missing[1])
        raise TextRefused(
            f"字体中没有字符 {missing[1]}（{point}），请换用其他写法，或请管理员安装含该字的字体",
            character=point,
        ) from None


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (files("shared.papers") / "paper.typ").read_bytes()


def _plain(block: Block | Table) -> dict[str, Any]:
    if isinstance(block, Table):
        return {
            "head": block.head,
            "rows": [[_breakable(cell, IN_A_CELL) for cell in row] for row in block.rows],
            "widths": block.widths,
        }
    return {
        "style": block.style,
        "runs": [
            {"blank": run.width} if isinstance(run, Blank) else _breakable(run)
            for run in block.runs
        ],
    }


def _breakable(text: str, where: re.Pattern[str] = UNBROKEN) -> str:
    return where.sub(lambda found: found[0] + LINE_MAY_END, text)


def _code_point(shown: str) -> str:
    escaped = re.fullmatch(r"\\u\{([0-9a-f]+)\}", shown)
    return f"U+{int(escaped[1], 16) if escaped else ord(shown[0]):04X}"
