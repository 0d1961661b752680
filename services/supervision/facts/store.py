"""What is known of petitions and cases: newest facts win, by the rank of their event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.facts.domain import CaseFacts, PetitionFacts
from services.supervision.tables import CaseRow, DutyRow, PetitionRow, table_of
from shared.db.many import OnConflict, insert_many, one_of

PETITION, CASE, DUTY = table_of(PetitionRow), table_of(CaseRow), table_of(DutyRow)
_PETITIONS = TypeAdapter(PetitionFacts)
_CASES = TypeAdapter(CaseFacts)
FactsT = TypeVar("FactsT", PetitionFacts, CaseFacts)
Rank = tuple[int, int]
UNSEEN: Rank = (0, 0)


@dataclass(frozen=True, slots=True)
class Ranked(Generic[FactsT]):
    """Facts with the (epoch, sequence) of the event that brought them."""

    rank: Rank
    facts: FactsT


@dataclass(slots=True)
class KnownPetition:
    """What is stored of one petition; facts may be missing while only its case is known."""

    petition_id: UUID
    case_id: UUID | None = None
    rank: Rank = UNSEEN
    facts: PetitionFacts | None = None
    hidden_from: str | None = None


async def petitions(
    session: AsyncSession, ids: Iterable[UUID], *, lock: bool = False
) -> dict[UUID, KnownPetition]:
    """Known petitions by id; `lock` keeps newer facts waiting until the transaction ends."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = select(PETITION).where(one_of(session, PETITION.c.petition_id, wanted))
    ordered = query.order_by(PETITION.c.petition_id).with_for_update() if lock else query
    found = await session.execute(ordered)
    return {
        row.petition_id: KnownPetition(
            petition_id=row.petition_id,
            case_id=row.case_id,
            rank=(row.epoch, row.sequence),
            facts=None if row.facts is None else _PETITIONS.validate_python(row.facts),
            hidden_from=row.hidden_from,
        )
        for row in found
    }


async def cases(
    session: AsyncSession, ids: Iterable[UUID], *, lock: bool = False
) -> dict[UUID, Ranked[CaseFacts]]:
    """Known cases by id; `lock` as for petitions."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = select(CASE).where(one_of(session, CASE.c.case_id, wanted))
    ordered = query.order_by(CASE.c.case_id).with_for_update() if lock else query
    found = await session.execute(ordered)
    return {
        row.case_id: Ranked((row.epoch, row.sequence), _CASES.validate_python(row.facts))
        for row in found
    }


async def save_petitions(session: AsyncSession, known: Sequence[KnownPetition]) -> None:
    """Store petitions, in one statement."""
    await _upsert(
        session,
        PETITION,
        [
            {
                "petition_id": each.petition_id,
                "case_id": each.case_id,
                "epoch": each.rank[0],
                "sequence": each.rank[1],
                "facts": _PETITIONS.dump_python(each.facts, mode="json") if each.facts else None,
                "hidden_from": each.hidden_from,
            }
            for each in sorted(known, key=lambda each: each.petition_id)
        ],
        key="petition_id",
    )


async def save_cases(session: AsyncSession, known: Mapping[UUID, Ranked[CaseFacts]]) -> None:
    """Store cases, in one statement."""
    await _upsert(
        session,
        CASE,
        [
            {
                "case_id": case_id,
                "epoch": known[case_id].rank[0],
                "sequence": known[case_id].rank[1],
                "is_open": is_open(known[case_id].facts),
                "facts": _CASES.dump_python(known[case_id].facts, mode="json"),
            }
            for case_id in sorted(known)
        ],
        key="case_id",
    )


async def open_cases_without_duty(session: AsyncSession, *, limit: int) -> list[UUID]:
    """Open cases nobody owes anything for: there must be none."""
    owed = exists().where(
        DUTY.c.case_id == CASE.c.case_id, DUTY.c.state.in_(("running", "overdue"))
    )
    found = await session.scalars(
        select(CASE.c.case_id).where(CASE.c.is_open, ~owed).order_by(CASE.c.case_id).limit(limit)
    )
    return list(found)


def is_open(case: CaseFacts) -> bool:
    """Whether a case still needs work; imported history never does."""
    return case.closed_on is None and case.history is None


async def _upsert(
    session: AsyncSession, table: Any, rows: list[dict[str, Any]], *, key: str
) -> None:
    if not rows:
        return
    changed = tuple(name for name in rows[0] if name != key)
    await insert_many(session, table, rows, conflict=OnConflict((key,), replaced=changed))
