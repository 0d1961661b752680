"""The case file (卷宗) as pages: cover, contents, acts by time, referrals, opinions, papers.

It takes values only and holds no petitioner's slot: a case file has the petition's number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.papers.blocks import Block, Pages, Table, paragraphs
from shared.papers.numbers import chinese_date
from shared.papers.text import in_one_line, printable

NOTHING = "无"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the journal. `at` in local time; `by` is an official or organ in office."""

    at: datetime
    what: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReferralEntry:
    """One organ's hold of the case; `ended_on` None while it lasts."""

    began_on: date
    ended_on: date | None
    way: str
    organ: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class OpinionEntry:
    """The whole text of an opinion, as (heading, text) in the paper's order."""

    title: str
    number: str
    organ: str
    issued_on: date
    sections: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """One paper of the case. `sha256` is the hash of the file that was sealed."""

    issued_on: date
    title: str
    number: str
    organ: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PrintedFile:
    """All of a case that is kept. `made_on` is the date of the printout and of the PDF."""

    petition_number: str
    organ: str
    category: str
    purpose: str
    received_on: date
    closed_on: date | None
    made_on: date
    text: str
    acts: tuple[Act, ...]
    referrals: tuple[ReferralEntry, ...]
    opinions: tuple[OpinionEntry, ...]
    papers: tuple[PaperEntry, ...]


def compose_case_file(case: PrintedFile) -> Pages:
    """The case file's pages, whatever its texts hold."""
    made = case.made_on
    blocks = (
        *_cover(case),
        Block("contents", ("目　录",)),
        *_chapter("一、信访事项"),
        *(tuple(paragraphs("body", case.text)) or _none()),
        *_chapter("二、办理经过"),
        *_table(
            {"时间": 4, "事项": 5, "经办": 4, "说明": 8},
            [
                (f"{act.at:%Y-%m-%d %H:%M}", act.what, act.by, act.note)
                for act in sorted(case.acts, key=lambda act: act.at)
            ],
        ),
        *_chapter("三、转送与交办"),
        *_table(
            {"起": 3, "止": 3, "方式": 2, "机关": 5, "结果": 5},
            [
                (_iso(each.began_on), _iso(each.ended_on), each.way, each.organ, each.outcome)
                for each in sorted(case.referrals, key=lambda each: each.began_on)
            ],
        ),
        *_chapter("四、意见书"),
        *_opinions(case.opinions),
        *_chapter("五、文书清单"),
        *_table(
            {"日期": 4, "文书": 5, "文号": 5, "机关": 4, "摘要值（SHA-256）": 5},
            [
                (_iso(each.issued_on), each.title, each.number, each.organ, each.sha256)
                for each in sorted(case.papers, key=lambda each: each.issued_on)
            ],
        ),
    )
    return Pages(
        f"信访卷宗 {in_one_line(case.petition_number)}", (made.year, made.month, made.day), blocks
    )


def _cover(case: PrintedFile) -> Iterator[Block | Table]:
    yield Block("cover", ("信访卷宗",))
    rows = (
        ("信访编号", case.petition_number),
        ("承办机关", case.organ),
        ("内容分类", case.category),
        ("信访目的", case.purpose),
        ("收到日期", chinese_date(case.received_on)),
        ("办结日期", chinese_date(case.closed_on) if case.closed_on else "未办结"),
        ("制卷日期", chinese_date(case.made_on)),
    )
    yield Table(
        ("项目", "内容"), tuple((label, in_one_line(value)) for label, value in rows), (1, 3)
    )


def _chapter(title: str) -> Iterator[Block]:
    yield Block("chapter", (title,))


def _none() -> tuple[Block, ...]:
    return (Block("body", (NOTHING,)),)


def _table(columns: dict[str, int], rows: Sequence[tuple[str, ...]]) -> Iterator[Block | Table]:
    if not rows:
        yield from _none()
        return
    cells = tuple(tuple(printable(cell) for cell in row) for row in rows)
    yield Table(tuple(columns), cells, tuple(columns.values()))


def _opinions(opinions: Sequence[OpinionEntry]) -> Iterator[Block | Table]:
    if not opinions:
        yield from _none()
    for each in sorted(opinions, key=lambda each: each.issued_on):
        yield Block("section", (in_one_line(f"{each.title}　{each.number}"),))
        yield from paragraphs("body", f"{each.organ}　{chinese_date(each.issued_on)}")
        for heading, text in each.sections:
            yield from paragraphs("heading", heading)
            yield from paragraphs("body", text)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
