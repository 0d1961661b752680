"""A case's file (卷宗) as the values it is printed from; no field of a petitioner is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.procedure import TABLE
from services.routing.cases.domain.referral import Notice, Referral
from services.routing.papers.use_cases.case_file import Act as FiledAct
from services.routing.papers.use_cases.case_file import (
    OpinionEntry,
    PaperEntry,
    PrintedFile,
    ReferralEntry,
)
from services.routing.papers.use_cases.paper_values import template_of
from shared.papers.kinds import packaged_kinds
from shared.reference.editions import Reference
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.term import label_of


def local(at: datetime, zone: str) -> datetime:
    """An instant as people of the zone read it."""
    return at.astimezone(ZoneInfo(zone))


def file_of(case: Case, words: Any, done_at: Mapping[int, datetime], reference: Reference, *,
            on: date) -> PrintedFile:  # fmt: skip
    """The case file (卷宗) with all acts, holds, opinions and papers."""
    organs, categories = reference.organs, reference.categories

    def organ(code: str | None) -> str:
        found = organs.get(code) if code else None
        return found.name if found else code or ""

    names = {row.act: row.name for row in reversed(TABLE.rows)}
    return PrintedFile(
        petition_number=case.number,
        organ=organ(case.holder or (case.last.organ_code if case.last else case.decider)),
        category="—".join(categories.path_names(case.category_code or "")) or "未分类",
        purpose=label_of(Purpose, case.purpose),
        received_on=case.received_on,
        closed_on=case.closed_on,
        made_on=on,
        text=words.text,
        acts=tuple(
            FiledAct(
                at=done_at[done.ordinal],
                what=names[done.act],
                by=organ(done.organ),
                note="；".join(str(v) for v in done.data.values() if isinstance(v, str) and v),
            )
            for done in case.journal
        ),
        referrals=tuple(
            ReferralEntry(
                began_on=each.referred_on,
                ended_on=each.ended_on,
                way=each.kind.label,
                organ=organ(each.organ_code),
                outcome=each.opinion.label if each.opinion else "",
            )
            for each in case.referrals
        ),
        opinions=tuple(
            _opinion_entry(case, each, organ) for each in case.referrals if each.opinion
        ),
        papers=tuple(
            PaperEntry(
                issued_on=each.owed_on,
                title=title_of(case, each),
                number=each.number,
                organ=organ(each.organ_code),
                sha256="",
            )
            for each in case.notices
        ),
    )


def _opinion_entry(case: Case, held: Referral, organ: Callable[[str], str]) -> OpinionEntry:
    notice = next(
        (n for n in case.notices if n.kind == "opinion" and n.referral == held.ordinal), None
    )
    result = held.opinion.label if held.opinion else ""
    return OpinionEntry(
        title=f"{held.kind.label}：{result}",
        number=notice.number if notice else "",
        organ=organ(held.organ_code),
        issued_on=held.answered_on or case.opened_on,
        sections=(
            ("意见", held.answer_text or ""),
            ("依据", held.legal_basis or "未填写"),
        ),
    )


def title_of(case: Case, notice: Notice) -> str:
    """What a paper is called."""
    return packaged_kinds()[template_of(case, notice)].title
