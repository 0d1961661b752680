"""Loading and saving cases."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.domain.case import Case
from services.routing.domain.due import Due
from services.routing.store import queue
from services.routing.store.mapping import case_of, case_values, referral_values
from services.routing.store.petitions import PETITION
from services.routing.store.tables import CaseRow, ReferralRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict

CASE = cast(Table, CaseRow.__table__)  # type: ignore[attr-defined]
REFERRAL = cast(Table, ReferralRow.__table__)  # type: ignore[attr-defined]

_WITHOUT_TEXT = [column for column in CASE.c if column.name not in ("title", "text", "place")]


class StaleVersion(Conflict):
    """Somebody else changed the case in between; load it again."""

    code = "stale_version"


async def load(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> Case | None:
    """The case without its text, None when there is none; `lock` keeps others from changing it
    until the transaction ends (writers of a file database wait for each other anyway)."""
    query = select(*_WITHOUT_TEXT).where(CASE.c.case_id == case_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    petitions = await session.scalars(
        select(PETITION.c.petition_id)
        .where(PETITION.c.case_id == case_id)
        .order_by(PETITION.c.petition_id)
    )
    referrals = await session.execute(
        select(REFERRAL).where(REFERRAL.c.case_id == case_id).order_by(REFERRAL.c.ordinal)
    )
    return case_of(row, petitions, referrals)


async def save(uow: UnitOfWork, case: Case, due: Due | None) -> None:
    """Store a changed case under its next version, its last referral with it.

    Raises StaleVersion when it was changed since it was loaded.
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
    if case.referrals:
        values = referral_values(case.referrals[-1]) | {"case_id": case.case_id}
        await uow.session.execute(
            insert_into(uow.session, REFERRAL)
            .values(values)
            .on_conflict_do_update(index_elements=["referral_id"], set_=values)
        )
    await queue.keep(uow, case)
