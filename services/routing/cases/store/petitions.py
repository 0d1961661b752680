"""Which petitions the cases hold, and the newest content taken of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store.tables import CaseRow, PetitionRow
from services.routing.search_index.store.index import keep_words
from shared.db.many import one_of

PETITION = cast(Table, PetitionRow.__table__)  # type: ignore[attr-defined]
_CASE = cast(Table, CaseRow.__table__)  # type: ignore[attr-defined]

Rank = tuple[int, int]
"""(epoch, sequence) of a content event."""


async def ranks(session: AsyncSession, petition_ids: Iterable[UUID]) -> dict[UUID, Rank]:
    """Rank of the newest content taken, by petition, for those known."""
    found = await session.execute(
        select(PETITION.c.petition_id, PETITION.c.epoch, PETITION.c.sequence).where(
            one_of(session, PETITION.c.petition_id, list(petition_ids))
        )
    )
    return {row.petition_id: (row.epoch, row.sequence) for row in found}


async def cases_of_matters(session: AsyncSession, matter_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Case by matter, for matters that have one."""
    found = await session.execute(
        select(_CASE.c.matter_id, _CASE.c.case_id).where(
            one_of(session, _CASE.c.matter_id, list(matter_ids))
        )
    )
    return {row.matter_id: row.case_id for row in found}


async def renew(
    session: AsyncSession, petition_id: UUID, rank: Rank, text: Mapping[str, Any]
) -> None:
    """Keep newer masked words of a known petition; the case shows its first petition's words."""
    epoch, sequence = rank
    number = await session.scalar(
        update(PETITION)
        .where(PETITION.c.petition_id == petition_id)
        .values(epoch=epoch, sequence=sequence)
        .returning(PETITION.c.number)
    )
    case_id = await session.scalar(
        update(_CASE).where(_CASE.c.number == number).values(**text).returning(_CASE.c.case_id)
    )
    if case_id is not None:
        await keep_words(session, [(case_id, text)])


async def case_of(session: AsyncSession, petition_id: UUID) -> UUID | None:
    """Id of the case that holds a petition."""
    found: UUID | None = await session.scalar(
        select(PETITION.c.case_id).where(PETITION.c.petition_id == petition_id)
    )
    return found


async def case_of_number(session: AsyncSession, number: str) -> UUID | None:
    """Id of the case that holds a petition number."""
    found: UUID | None = await session.scalar(
        select(PETITION.c.case_id).where(PETITION.c.number == number)
    )
    return found


async def of_case(session: AsyncSession, case_id: UUID, number: str) -> UUID | None:
    """Id of the petition with this number, if the case holds it."""
    found: UUID | None = await session.scalar(
        select(PETITION.c.petition_id).where(
            PETITION.c.case_id == case_id, PETITION.c.number == number
        )
    )
    return found
