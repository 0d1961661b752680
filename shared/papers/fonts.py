"""Which fonts a page is set in: the deployment's own if it has them, else the open ones we bring.

The layout standard (GB/T 9704-2012) wants 仿宋, 小标宋 and 黑体. Their usual files are
proprietary and cannot come with the program, so Noto Serif SC and Noto Sans SC (OFL, a pinned
wheel) stand in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn

from shared.papers.errors import FontMissing

if TYPE_CHECKING:
    import typst

SERIF, SANS = "Noto Serif SC", "Noto Sans SC"


@dataclass(frozen=True, slots=True)
class PaperFonts:
    """Families by wish, first found wins; `folder` holds font files besides the system's.

    `system` False uses nothing but the folder and what comes with the program, so that equal
    input gives equal bytes on every machine.
    """

    body: tuple[str, ...] = ("FangSong_GB2312", "FangSong")
    title: tuple[str, ...] = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05")
    heading: tuple[str, ...] = ("SimHei",)
    folder: Path | None = None
    system: bool = False
    packaged: bool = True


@dataclass(frozen=True, slots=True)
class FoundFonts:
    """What PaperFonts came to: the loaded files and the families that exist."""

    loaded: typst.Fonts
    body: tuple[str, ...]
    title: tuple[str, ...]
    heading: tuple[str, ...]
    characters: frozenset[int] = field(repr=False)
    """Code points that a page of any style can show: those of the body's families, which stand
    in for the others."""


@lru_cache(maxsize=4)
def find_fonts(wanted: PaperFonts) -> FoundFonts:
    """The families that are there. Raises FontMissing when neither a wished nor a packaged one is.

    A character none of them has is found when the page is set (pdf.py).
    """
    import typst  # noqa: PLC0415  # lazy: only who prints

    paths = [wanted.folder] if wanted.folder else []
    if wanted.packaged:
        paths.append(pylopdf_fonts_zh_cn.serif_path().parent)
    loaded = typst.Fonts(
        include_system_fonts=wanted.system, include_embedded_fonts=False, font_paths=paths
    )
    there = set(loaded.families())

    def found(*families: str) -> tuple[str, ...]:
        return tuple(family for family in families if family in there)

    body = found(*wanted.body, SERIF, SANS)
    if not body:
        raise FontMissing("没有可用的中文字体，请安装字体或设置字体目录")
    title = found(*wanted.title, *body)
    heading = found(*wanted.heading, SANS, *body)
    return FoundFonts(loaded, body, title, heading, _characters(loaded, body))


def _characters(loaded: typst.Fonts, families: tuple[str, ...]) -> frozenset[int]:
    files = ((each.path, each.index) for each in loaded.fonts() if each.family in families)
    return frozenset[int]().union(*(_characters_of(str(path), at) for path, at in files if path))


def _characters_of(path: str, at: int) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415  # lazy: only who prints

    with TTFont(path, fontNumber=at, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())
