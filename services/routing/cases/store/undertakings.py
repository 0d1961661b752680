"""Promises of agreements: kept with their case, and opened one by one with a party's code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.undertakings import Undertaking
from services.routing.cases.store.tables import WORK, CaseRow
from services.routing.cases.store.undertaking_tables import UndertakingRow
from shared.db.many import OnConflict, insert_many
from shared.vocabulary.cases import Party

UNDERTAKING = cast(Table, UndertakingRow.__table__)  # type: ignore[attr-defined]
_ACT = WORK.journal
_CASE = cast(Table, CaseRow.__table__)  # type: ignore[attr-defined]
_FIELDS = tuple(each.name for each in fields(Undertaking))
_REPLACED = OnConflict(("undertaking_id",), replaced=("fulfilled_on", "outcome", "lapsed_on"))
"""What was promised never changes, and a code is another's business."""


async def of_case(session: AsyncSession, case_id: UUID) -> list[Undertaking]:
    """All promises of a case, first to last."""
    query = select(*(UNDERTAKING.c[name] for name in _FIELDS)).where(
        UNDERTAKING.c.case_id == case_id
    )
    rows = await session.execute(query.order_by(UNDERTAKING.c.ordinal))
    return [undertaking_of(row) for row in rows]


async def save(session: AsyncSession, case_id: UUID, undertakings: Sequence[Undertaking]) -> None:
    """Store the promises of a case as they are now."""
    rows = [
        {name: getattr(each, name) for name in _FIELDS}
        | {"party": str(each.party), "case_id": case_id, "code_hash": None}
        for each in undertakings
    ]
    await insert_many(session, UNDERTAKING, rows, conflict=_REPLACED)


async def keep_code(session: AsyncSession, undertaking_id: UUID, code_hash: str) -> None:
    """Let a new code open a promise, and no older one."""
    await session.execute(
        update(UNDERTAKING)
        .where(UNDERTAKING.c.undertaking_id == undertaking_id)
        .values(code_hash=code_hash)
    )


async def by_code(session: AsyncSession, undertaking_id: UUID) -> Any:
    """What a code opens, with its hash: the promise, the kind of the agreement, and the organ that
    made it. None where there is no code, where the agreement is broken, and in an accusation."""
    columns = ("duty", "due_on", "fulfilled_on", "outcome", "code_hash")
    query = (
        select(*(UNDERTAKING.c[name] for name in columns), _ACT.c.organ_code, _ACT.c.data)
        .join(_CASE, _CASE.c.case_id == UNDERTAKING.c.case_id)
        .join(
            _ACT,
            (_ACT.c.case_id == UNDERTAKING.c.case_id) & (_ACT.c.ordinal == UNDERTAKING.c.agreement),
        )
        .where(
            UNDERTAKING.c.undertaking_id == undertaking_id,
            UNDERTAKING.c.code_hash.is_not(None),
            UNDERTAKING.c.lapsed_on.is_(None),
            _CASE.c.purpose != "accusation",
        )
    )
    return (await session.execute(query)).one_or_none()


def undertaking_of(row: Row[Any]) -> Undertaking:
    """The promise of its row."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return Undertaking(**values | {"party": Party(row.party)})
