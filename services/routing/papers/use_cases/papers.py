"""Papers on their way to intake, which fills in name and address and delivers (decisions 9)."""

from __future__ import annotations

from datetime import date

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.referral import Notice
from services.routing.cases.outgoing import Filled, record_owed, record_told
from services.routing.cases.store.cases import words_of
from services.routing.papers.use_cases.notices import ALWAYS
from services.routing.papers.use_cases.paper_values import paper_of
from services.routing.papers.use_cases.printing import title_of
from shared.contracts.papers import PaperFacts, SlotValue
from shared.db.unit_of_work import UnitOfWork
from shared.papers.errors import NotPrintable, PaperInvalid
from shared.papers.filling import Value, compose
from shared.papers.kinds import packaged_templates, paper_kind


async def publish_papers(uow: UnitOfWork, case: Case) -> None:
    """Publish which papers became owed since the case was loaded, and which were told."""
    for notice in case.owed:
        filled = await _filled(uow, case, notice)
        record_owed(uow, _facts(case, notice), filled, title=title_of(case, notice))
    for notice in case.told:
        if notice.told_on is not None:
            record_told(uow, _facts(case, notice), told_on=notice.told_on, method=notice.method)


def _facts(case: Case, notice: Notice) -> PaperFacts:
    return PaperFacts(
        notice_id=notice.notice_id,
        case_id=case.case_id,
        petition_ids=case.petition_ids,
        ordinal=notice.ordinal,
        kind=notice.kind,
        number=notice.number,
        organ_code=notice.organ_code,
        owed_on=notice.owed_on,
        owed_always=notice.kind in ALWAYS,
    )


async def _filled(uow: UnitOfWork, case: Case, notice: Notice) -> Filled | None:
    """What the paper says; None where it is written by hand, also because a slot cannot take what
    was said (an act is never refused for its paper)."""
    words = await words_of(uow.session, case.case_id)
    try:
        code, values = paper_of(case, notice, words, uow.reference)
        compose(paper_kind(code), values)
    except (NotPrintable, PaperInvalid):
        return None
    template = packaged_templates()[code]
    kept = {name: _plain(value) for name, value in values.items()}
    return Filled(code, paper_kind(code).edition, template.sha256, kept)


def _plain(value: Value) -> SlotValue:
    """As JSON keeps it; `compose` takes it back."""
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int) else [list(row) for row in value]
