"""The one table of casework: which act, in which state, by whom, what it brings about (Art. 22-37).

Read from `shared/reference/data/procedure.csv`. The program refuses to start with a table that
names a state, a guard or a closing kind it does not know.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from io import StringIO
from typing import Final

from services.routing.cases.domain.case_steps import (
    Act,
    CaseState,
    ClosingKind,
    ReferralKind,
    ReferralState,
)
from shared.reference.calendar import packaged_text

SAME: Final = "same"


class By(StrEnum):
    """Whose act it is: the organ that decides where a case goes, that has it, that sent it, either
    of these two, or one that has a part in a joint matter (会办)."""

    DECIDER = "decider"
    HOLDER = "holder"
    SENDER = "sender"
    EITHER = "either"
    ASSISTANT = "assistant"


class Approval(StrEnum):
    """签批: none; by the organ's head, by nobody else in an office without one; always by another
    person than the one who proposes."""

    NO = "no"
    LONE = "lone"
    OTHER = "other"


STATIC_GUARDS: Final[dict[str, str]] = {
    "not_signed": "尚未签收",
    "not_judged": "此前没有对异议作出过核实结论",
    "is_simple": "适用简易程序",
    "is_ordinary": "适用普通程序",
    "not_extended": "没有延长过",
    "not_suspended": "没有中止办理",
    "suspended": "已中止办理",
    "withdrawn": "全部信访人已撤回",
    "no_supplement_open": "没有等待中的补充材料",
    "supplement_open": "正在等待补充材料",
    "no_hearing_open": "没有进行中的听证",
    "hearing_open": "听证进行中",
    "no_mediation_open": "没有进行中的调解",
    "mediation_open": "调解进行中",
    "no_report_pending": "没有待认可的办结报告",
    "report_pending": "有待认可的办结报告",
    "parts_done": "各会办单位均已提出意见或者免除",
    "part_open": "有尚未提出意见的会办分工",
    "part_answered": "有待审核的会办意见",
    "lead_stays": "没有会办分工，牵头单位不得把牵头责任推给下级",
    "undertaking_open": "有尚未履行的协议义务",
    "undertakings_kept": "协议各项义务均已登记履行",
    "is_redo": "责令重新办理",
    "not_redo": "不是责令重新办理",
    "supports": "意见为支持或者采纳，尚未登记落实",
    "reviewable": "可以申请复查、复核",
    "not_solved": "尚未登记化解",
    "solved": "已登记化解",
    "not_settled": "尚未登记案结事了",
}
"""What the case itself can tell; `Case.allowed` is narrowed by these."""
CHECKED_GUARDS: Final[dict[str, str]] = {
    "destination_fits": "承办单位在管辖范围内、有权处理，不是被反映的单位及其下级",
    "conference_first": "没有共同的上一级的，已登记联席会议的决定",
    "destination_below": "转给本机关管辖范围内的下级，不得把牵头责任推给下级",
    "same_matter_in_hand": "同一事项正在下级办理且未超期",
    "same_matter_final": "同一事实和理由已复核终结",
    "window_open": "收到后五个工作日内",
    "simple_fits": "简易程序只用于适宜的事项",
    "withdrawal_final": "收回撤回的期限已过",
    "rule_suspends": "现行时限规则有中止的规定（国家规定没有，地方规定有的从其规定）",
    "before_end": "办理期限届满前，不超过时限表允许的天数",
    "opinion_fits": "意见种类与信访目的相符",
    "assistants_fit": "会办单位不是牵头单位、被反映的单位及其下级；不得把牵头责任推给下级",
    "in_time": "收到书面答复之日起三十日内",
    "not_reopened_on_same_facts": "有新的事实理由，或者经督办要求",
    "remedy_over": "申请复查、复核的期限已过",
    "office_done": "信访部门没有尚未完成的事项",
}
"""What needs the body of the act, the calendar or other cases; the act's own rules check it."""


class TableInvalid(ValueError):
    """The table names something unknown or is ambiguous; the program does not start with it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Empty `kinds` or `purposes` means any, also a case nobody has yet.

    `to` and `referral_to` are None where the state stays. `starts` and `ends` are kinds of duties
    (supervision's words); `notice` is the kind of paper the petitioner is owed.
    """

    act: Act
    name: str
    states: frozenset[CaseState]
    kinds: frozenset[ReferralKind]
    purposes: frozenset[str]
    to: CaseState | None
    referral_to: ReferralState | None
    by: By
    approval: Approval
    guards: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    closes: ClosingKind | None
    notice: str
    article: str

    def fits(self, state: CaseState, kind: ReferralKind | None, purpose: str) -> bool:
        """Whether the row is about such a case."""
        return (
            state in self.states
            and (not self.kinds or kind in self.kinds)
            and (not self.purposes or purpose in self.purposes)
        )


def read_procedure(text: str) -> tuple[Row, ...]:
    """The table from the text of its CSV file. Raises TableInvalid with line and fault."""
    reader = csv.DictReader(StringIO(text))
    rows = []
    for raw in reader:
        try:
            rows.append(_row(raw))
        except (KeyError, ValueError) as error:
            raise TableInvalid(f"procedure.csv 第 {reader.line_num} 行：{error}") from error
    return tuple(rows)


@lru_cache(maxsize=1)
def procedure() -> tuple[Row, ...]:
    """The table that comes with the program."""
    return read_procedure(packaged_text("procedure.csv"))


def rows_for(state: CaseState, kind: ReferralKind | None, purpose: str) -> Iterator[Row]:
    """Rows about such a case, guards not yet looked at."""
    return iter(_fitting(state, kind, purpose))


@lru_cache(maxsize=512)
def _fitting(state: CaseState, kind: ReferralKind | None, purpose: str) -> tuple[Row, ...]:
    return tuple(row for row in procedure() if row.fits(state, kind, purpose))


def _row(raw: dict[str, str]) -> Row:
    columns = {each.name for each in fields(Row)} - {"states"} | {"from"}
    if raw.keys() != columns:
        raise ValueError(f"columns {sorted(raw.keys() ^ columns)}")
    row = Row(
        act=Act(raw["act"]),
        name=raw["name"],
        states=frozenset(map(CaseState, _many(raw["from"]))),
        kinds=frozenset(map(ReferralKind, _many(raw["kinds"]))),
        purposes=frozenset(_many(raw["purposes"])),
        to=None if raw["to"] == SAME else CaseState(raw["to"]),
        referral_to=ReferralState(raw["referral_to"])
        if raw["referral_to"] not in ("", SAME)
        else None,
        by=By(raw["by"]),
        approval=Approval(raw["approval"]),
        guards=_many(raw["guards"]),
        starts=_many(raw["starts"]),
        ends=_many(raw["ends"]),
        closes=ClosingKind(raw["closes"]) if raw["closes"] else None,
        notice=raw["notice"],
        article=raw["article"],
    )
    unknown = [g for g in row.guards if g not in STATIC_GUARDS and g not in CHECKED_GUARDS]
    if unknown or not row.states or not row.article:
        raise ValueError(f"guards {unknown}, states and article must be given")
    if (row.closes is not None) != (row.to is CaseState.CLOSED):
        raise ValueError("closes is given where, and only where, the case ends")
    return row


def _many(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(";")))
