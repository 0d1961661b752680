"""Loading and saving cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Row, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import ENDED
from services.routing.cases.domain.due import Due
from services.routing.cases.store import parts, queue, undertakings, withdrawals
from services.routing.cases.store.mapping import (
    case_of,
    case_values,
    notice_values,
    referral_values,
)
from services.routing.cases.store.petitions import PETITION
from services.routing.cases.store.tables import WORK, CaseRow, NoticeRow, ReferralRow
from services.routing.cases.store.withdrawals import WITHDRAWAL
from shared.db.many import OnConflict, insert_many
from shared.db.unit_of_work import UnitOfWork
from shared.vocabulary.acts import Act
from shared.workflow.entities import StaleVersion
from shared.workflow.journals import add_fresh

CASE = cast(Table, CaseRow.__table__)  # type: ignore[attr-defined]
REFERRAL = cast(Table, ReferralRow.__table__)  # type: ignore[attr-defined]
NOTICE = cast(Table, NoticeRow.__table__)  # type: ignore[attr-defined]
ACT = WORK.journal

_REPLACED_HOLD = OnConflict(
    ("referral_id",), replaced=tuple(c.name for c in REFERRAL.c if c.name != "referral_id")
)
_REPLACED_NOTICE = OnConflict(
    ("notice_id",), replaced=tuple(c.name for c in NOTICE.c if c.name != "notice_id")
)
_WITHOUT_TEXT = [column for column in CASE.c if column.name not in ("title", "text", "place")]


async def load(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> Case | None:
    """The case without its text, None when there is none; `lock` keeps others from changing it
    until the transaction ends (writers of a file database wait for each other anyway)."""
    query = select(*_WITHOUT_TEXT).where(CASE.c.case_id == case_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    found = await session.execute(
        select(PETITION.c.petition_id, WITHDRAWAL.c.withdrawn_on, WITHDRAWAL.c.revocable_until)
        .outerjoin(WITHDRAWAL, WITHDRAWAL.c.petition_id == PETITION.c.petition_id)
        .where(PETITION.c.case_id == case_id)
        .order_by(PETITION.c.petition_id)
    )
    petitions = found.all()
    referrals = await session.execute(
        select(REFERRAL).where(REFERRAL.c.case_id == case_id).order_by(REFERRAL.c.ordinal)
    )
    acts = await session.execute(
        select(ACT).where(ACT.c.case_id == case_id).order_by(ACT.c.ordinal)
    )
    notices = await session.execute(
        select(NOTICE).where(NOTICE.c.case_id == case_id).order_by(NOTICE.c.ordinal)
    )
    case = case_of(row, [each.petition_id for each in petitions], referrals, acts, notices)
    reopened = case.journal.last(Act.REOPEN)
    case.withdrawn = withdrawals.of_case(petitions, since=reopened.on if reopened else None)
    case.parts = await parts.of_case(session, case_id)
    if case.journal.last(Act.AGREE) is not None:
        case.undertakings = await undertakings.of_case(session, case_id)
    return case


async def words_of(session: AsyncSession, case_id: UUID) -> Any:
    """Masked `title` and `text` of a case that exists."""
    query = select(CASE.c.title, CASE.c.text).where(CASE.c.case_id == case_id)
    return (await session.execute(query)).one()


async def open_after(session: AsyncSession, after: UUID | None, *, limit: int) -> list[Case]:
    """Open cases in the order of their ids, whole: for going through all of them."""
    query = select(*_WITHOUT_TEXT).where(CASE.c.state.not_in([str(state) for state in ENDED]))
    if after is not None:
        query = query.where(CASE.c.case_id > after)
    rows = (await session.execute(query.order_by(CASE.c.case_id).limit(limit))).all()
    ids = [row.case_id for row in rows]
    referrals = await _by_case(session, REFERRAL, ids, REFERRAL.c.ordinal)
    acts = await _by_case(session, ACT, ids, ACT.c.ordinal)
    return [
        case_of(row, (), referrals.get(row.case_id, ()), acts.get(row.case_id, ())) for row in rows
    ]


async def _by_case(
    session: AsyncSession, table: Table, ids: Sequence[UUID], order: Any
) -> dict[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = {}
    query = select(table).where(table.c.case_id.in_(ids)).order_by(order)
    for row in await session.execute(query):
        found.setdefault(row.case_id, []).append(row)
    return found


async def save(
    uow: UnitOfWork, case: Case, due: Due | None, *, proposed_by: str | None = None
) -> None:
    """Store a changed case under its next version, with its last holds and the acts just done.

    An act changes no hold but the last, or the one before a hold it adds. Raises StaleVersion
    when the case was changed since it was loaded.
    """
    before = case.version
    case.version += 1
    changed = await uow.session.execute(
        update(CASE)
        .where(CASE.c.case_id == case.case_id, CASE.c.version == before)
        .values(**case_values(case, due), changed_at=uow.clock.now())
    )
    if cast(CursorResult[Any], changed).rowcount != 1:
        raise StaleVersion("办件已被他人更新，请刷新后再试")
    of_case = {"case_id": case.case_id}
    held = [referral_values(each) | of_case for each in case.referrals[-2:]]
    await insert_many(uow.session, REFERRAL, held, conflict=_REPLACED_HOLD)
    papers = [notice_values(each) | of_case for each in case.notices]
    await insert_many(uow.session, NOTICE, papers, conflict=_REPLACED_NOTICE)
    await parts.save(uow.session, case.case_id, case.parts)
    await undertakings.save(uow.session, case.case_id, case.undertakings)
    add_fresh(uow, WORK, case, proposed_by=proposed_by)
    await queue.keep(uow, case)
