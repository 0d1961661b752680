"""Document numbers (发文字号) and dates as GB/T 9704-2012 writes them."""

from __future__ import annotations

import re
from datetime import date

from shared.papers.errors import PaperInvalid

YEARS = range(1949, 10_000)
MARK = re.compile(r"[\u4e00-\u9fff]{1,12}")


def document_number(pattern: str, *, mark: str, year: int, serial: int) -> str:
    """The number of a paper, such as 皖信办受〔2026〕17号.

    `mark` is the organ's own abbreviation (机关代字), `serial` counts from 1 within organ, pattern
    and year and has no leading zeros (GB/T 9704-2012, 7.2.5). Raises PaperInvalid otherwise.
    """
    if not MARK.fullmatch(mark):
        raise PaperInvalid("机关代字应为1至12个汉字", slots=["mark"])
    if year not in YEARS or serial < 1:
        raise PaperInvalid("发文年份应为四位数，顺序号从1开始", slots=["year", "serial"])
    return pattern.format(mark=mark, year=year, serial=serial)


def chinese_date(day: date) -> str:
    """2026年11月22日: Arabic numerals, no leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"
