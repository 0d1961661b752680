"""What a petition must look like to be registered: channels, dates, head-counts, text.

Sources: 条例 Art. 17 (channels), 19 (in writing or written down), 20(3) (at most 5
representatives), 29-31 (purposes); counting rules of product.md; decisions 3 and 20.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from shared.kernel.errors import Invalid
from shared.kernel.plain_text import says_something
from shared.vocabulary.petitions import Channel

TEXT_LIMIT = 20_000
SUBJECT_LIMIT = 200
REPRESENTATIVES_LIMIT = 5
"""More than so many visitors choose at most so many representatives (Art. 20(3))."""
OLDEST_LETTER = timedelta(days=366)
"""How far back a received date may lie unless the petition is imported history."""


class FilingInvalid(Invalid):
    """The filing breaks a rule about its values; `field` in the extra says which."""

    code = "filing_invalid"


class ReceivedDateRefused(Invalid):
    """The received date is missing, not for the filer to choose, or impossible."""

    code = "received_date_refused"


CLOCKED = frozenset({Channel.ONLINE, Channel.PHONE})
"""Channels whose received date is the server's clock when they come in directly."""


@dataclass(frozen=True, slots=True)
class Heads:
    """How a petition counts. Items are always 1 and need no field."""

    head_count: int
    person_times: int
    batch: bool
    collective: bool


def received_date(
    declared: date | None, channel: Channel, *, today: date, entered: bool, imported: bool = False
) -> date:
    """The received date (收到日期) by decisions 3.

    `entered` means that somebody enters what arrived elsewhere (paper, visit, push of a partner):
    the date is then required and checked. Otherwise a web or phone filing has the server's day and
    may not bring its own. All dates are local. Raises ReceivedDateRefused.
    """
    if not entered and channel in CLOCKED:
        if declared is not None and declared != today:
            raise ReceivedDateRefused("网上和电话登记的收到日期由系统确定，不能填写")
        return today
    if declared is None:
        raise ReceivedDateRefused("请填写收到日期")
    if declared > today:
        raise ReceivedDateRefused("收到日期不能晚于登记日期")
    if not imported and today - declared > OLDEST_LETTER:
        raise ReceivedDateRefused("收到日期过早；历史件请用导入")
    return declared


def count_heads(channel: Channel, *, head_count: int, signed: int, representatives: int) -> Heads:
    """Head-count, person-times and batch of one petition.

    `head_count` is how many came or signed as told by the filer, `signed` how many petitioners are
    named, `representatives` how many of them speak. A visit is one batch and counts its heads; all
    else counts those who signed or called, at least 1. Five or more visitors are a collective
    visit (practice; the regulation has no number). Raises FilingInvalid.
    """
    heads = max(head_count, signed, 1)
    if head_count < 0:
        raise FilingInvalid("人数不能为负", field="head_count")
    if channel is Channel.VISIT and heads > REPRESENTATIVES_LIMIT:
        if not 1 <= representatives <= REPRESENTATIVES_LIMIT:
            raise FilingInvalid(
                "五人以上走访应当推选代表，代表不超过五人（条例第二十条第三款）",
                field="representatives",
            )
        if signed > REPRESENTATIVES_LIMIT:
            raise FilingInvalid("多人走访只登记代表的身份", field="petitioners")
    visit = channel is Channel.VISIT
    return Heads(
        head_count=heads,
        person_times=heads,
        batch=visit,
        collective=visit and heads >= REPRESENTATIVES_LIMIT,
    )


def check_words(subject: str, text: str) -> tuple[str, str]:
    """The trimmed subject and text. Raises FilingInvalid when too long or
    without anything that can be seen."""
    subject, text = " ".join(subject.split()), text.strip()
    if not says_something(subject) or len(subject) > SUBJECT_LIMIT:
        raise FilingInvalid(f"标题应当有 1 至 {SUBJECT_LIMIT} 个字", field="subject")
    if not says_something(text) or len(text) > TEXT_LIMIT:
        raise FilingInvalid(f"正文应当有 1 至 {TEXT_LIMIT} 个字", field="text")
    return subject, text
