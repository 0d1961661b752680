"""Parts of joint handling (会办): kept with their case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.parts import Part
from services.routing.cases.store.part_tables import PartRow
from shared.db.many import OnConflict, insert_many
from shared.vocabulary.cases import PartRole

PART = cast(Table, PartRow.__table__)  # type: ignore[attr-defined]
_FIELDS = tuple(each.name for each in fields(Part))
_REPLACED = OnConflict(("part_id",), replaced=tuple(c.name for c in PART.c if c.name != "part_id"))


async def of_case(session: AsyncSession, case_id: UUID) -> list[Part]:
    """All parts of a case, first to last."""
    query = select(PART).where(PART.c.case_id == case_id).order_by(PART.c.ordinal)
    return [part_of(row) for row in await session.execute(query)]


async def save(session: AsyncSession, case_id: UUID, parts: Sequence[Part]) -> None:
    """Store the parts of a case as they are now."""
    rows = [part_values(part) | {"case_id": case_id} for part in parts]
    await insert_many(session, PART, rows, conflict=_REPLACED)


def part_values(part: Part) -> dict[str, Any]:
    """Columns of `case_part`, without the case."""
    return {name: getattr(part, name) for name in _FIELDS} | {"role": str(part.role)}


def part_of(row: Row[Any]) -> Part:
    """The part of its row."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return Part(**values | {"role": PartRole(row.role)})
