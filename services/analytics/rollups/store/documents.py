"""Reading and writing the documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Date, String, Table, Text, bindparam, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.registry.domain.definition import definition
from services.analytics.registry.domain.period import Period
from services.analytics.rollups.domain.documents import RollupDocument, RollupKey
from services.analytics.sources.store import slices
from services.analytics.tables import METADATA
from shared.db.many import OnConflict, insert_many

DOCUMENT = Table(
    "rollup_document",
    METADATA,
    Column("division", String(6), primary_key=True),
    Column("grain", String(1), primary_key=True),
    Column("first_day", Date, primary_key=True, index=True),
    Column("definition", String(12), nullable=False),
    Column("document", Text, nullable=False),
)
"""Sums of a province, city or county (`division`: the first digits) for a month or a day, by name
(rollups/domain/documents.py), and the hash of the definition they were made by."""

KEPT_SUMS = Table(
    "kept_sums",
    METADATA,
    Column("division", String(6), primary_key=True),
    Column("grain", String(1), primary_key=True),
    Column("first_day", Date, primary_key=True, index=True),
    Column("sums", Text, nullable=False),
)
"""The documents of the release before, by position. Only that release reads them, while it still
runs beside this one or after a step back; the next migration drops the table."""

KEY = (DOCUMENT.c.division, DOCUMENT.c.grain, DOCUMENT.c.first_day)


async def apply_changes(session: AsyncSession, changed: Mapping[RollupKey, RollupDocument]) -> None:
    """Add changes to the documents. The caller holds the projection lock.

    A document of another definition is begun anew: its month is still to be counted again, and
    until then it is not read."""
    mark = definition().rollups
    for keys in slices(sorted(changed)):
        found = await session.execute(
            select(DOCUMENT).where(tuple_(*KEY).in_([_key(key) for key in keys]))
        )
        known = {
            RollupKey(row.division, row.grain, row.first_day): (
                row.document if row.definition == mark else ""
            )
            for row in found
        }
        rows, empty = [], []
        for key in keys:
            document = RollupDocument.of_text(known.get(key, ""))
            document.merge(changed[key])
            text = document.to_text()
            if text:
                rows.append(_values(key) | {"definition": mark, "document": text})
            elif key in known:
                empty.append({f"old_{name}": value for name, value in _values(key).items()})
        if rows:
            names = tuple(column.name for column in KEY)
            replacing = OnConflict(names, replaced=("definition", "document"))
            await insert_many(session, DOCUMENT, rows, conflict=replacing)
        if empty:
            same = (column == bindparam(f"old_{column.name}") for column in KEY)
            await session.execute(delete(DOCUMENT).where(*same), empty)


async def clear(session: AsyncSession, period: Period | None = None) -> None:
    """Delete the documents that begin in a period, without one all."""
    within = [DOCUMENT.c.first_day.between(period.first, period.last)] if period else []
    await session.execute(delete(DOCUMENT).where(*within))


def _key(key: RollupKey) -> tuple[str, str, date]:
    return (key.division, key.grain, key.first_day)


def _values(key: RollupKey) -> dict[str, Any]:
    return dict(zip((column.name for column in KEY), _key(key), strict=True))
