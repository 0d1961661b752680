"""Document numbers (发文字号) and dates as GB/T 9704-2012 writes them."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from shared.papers.errors import PaperInvalid
from shared.papers.kinds import packaged_kinds

YEARS = range(1949, 10_000)
MOST_MARK = 12
_MARK = re.compile(rf"[\u4e00-\u9fff]{{1,{MOST_MARK}}}")


def document_number(pattern: str, *, mark: str, year: int, serial: int) -> str:
    """The number of a paper, such as 皖信办受〔2026〕17号.

    `mark` is the organ's own abbreviation (机关代字), `serial` counts from 1 within organ, pattern
    and year and has no leading zeros (GB/T 9704-2012, 7.2.5). Raises PaperInvalid otherwise.
    """
    if not _MARK.fullmatch(mark):
        raise PaperInvalid("机关代字应为1至12个汉字", slots=["mark"])
    if year not in YEARS or serial < 1:
        raise PaperInvalid("发文年份应为四位数，顺序号从1开始", slots=["year", "serial"])
    return pattern.format(mark=mark, year=year, serial=serial)


def is_mark(text: str) -> bool:
    """Whether a text can be an organ's mark: short, ideographs, and with no ending by which the
    number of one kind of paper could be read as that of another kind and another organ."""
    return bool(_MARK.fullmatch(text)) and not text.endswith(_ambiguous_ends())


@lru_cache(maxsize=1)
def _ambiguous_ends() -> tuple[str, ...]:
    """`不`, where 甲 + 不受告 and 甲不 + 受告 would be the same number."""
    words = {kind.number.format(mark="", year=0, serial=0) for kind in packaged_kinds().values()}
    return tuple(
        longer.removesuffix(word)
        for longer in words
        for word in words
        if longer != word and longer.endswith(word)
    )


def chinese_date(day: date) -> str:
    """2026年11月22日: Arabic numerals, no leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"
