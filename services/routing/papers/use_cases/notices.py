"""Papers the petitioner is owed (告知): numbered when owed, recorded when told (Art. 21-36)."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.procedure import Row
from services.routing.cases.domain.referral import Notice
from services.routing.cases.domain.said import Delivered
from services.routing.papers.use_cases.paper_numbers import next_number
from services.routing.papers.use_cases.paper_values import template_of
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import new_id
from shared.vocabulary.acts import Act

ALWAYS: Final = frozenset(("opinion", "agreement", "route"))
"""Owed even where name or address is unclear: the answer itself, kept to be collected."""
WITH_ACT = frozenset(("route",))
"""The act itself is the telling."""


async def owe(uow: UnitOfWork, case: Case, row: Row, *, organ: str, on: date) -> None:
    """Note the paper an act owes; none is owed where name or address is unclear (Art. 23(2)).

    A delivered opinion is told by its delivery."""
    if row.act is Act.DELIVER:
        told(case, on=on)
    if not row.notice or not (case.notice_owed or row.notice in ALWAYS):
        return
    held = case.last
    now_told = on if row.notice in WITH_ACT else None
    notice = Notice(
        notice_id=new_id(),
        ordinal=len(case.notices) + 1,
        kind=row.notice,
        number="",
        organ_code=organ,
        referral=held.ordinal if held else 0,
        owed_on=on,
        told_on=now_told,
        method=held.delivery_method if held and now_told else None,
    )
    notice.number = await next_number(uow, organ, template_of(case, notice), on.year)
    case.notices.append(notice)
    case.owed.append(notice)
    if notice.told_on is not None:
        case.told.append(notice)


def told(case: Case, *, on: date) -> None:
    """The opinion of the hold just delivered was told with it, unless it was told before."""
    done = case.journal.last(Act.DELIVER)
    if done is None:
        return
    for notice in case.notices:
        if notice.kind == "opinion" and notice.referral == done.referral and not notice.told_on:
            delivered = done.said(Delivered)
            notice.told_on = on
            notice.method, notice.proof = delivered.method, delivered.proof
            case.told.append(notice)


def tell(case: Case, ordinal: int, *, method: str, proof: str | None, on: date) -> Notice:
    """Record that a paper reached the petitioner. Raises NotFound, Conflict when told already."""
    found = next((each for each in case.notices if each.ordinal == ordinal), None)
    if found is None:
        raise NotFound("没有这份文书")
    if found.told_on is not None:
        raise Conflict("该文书已登记送达")
    found.told_on, found.method, found.proof = on, method, proof
    case.told.append(found)
    return found
