"""Alarms: one row per code and subject, raised again rather than repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Row, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.tables import AlarmRow, table_of
from shared.db.many import OnConflict, insert_many
from shared.db.types import UtcDateTime
from shared.vocabulary.duties import AlarmCode

ALARM = table_of(AlarmRow)
_NAMESPACE = UUID("0a7a4c3e-6a38-4a4f-8f0e-5c9d54a0c001")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. No division: a technical one, for operators."""

    code: AlarmCode
    subject: str
    detail: str = ""
    division_code: str | None = None
    organ_code: str | None = None


async def sound(
    session: AsyncSession, alarms: Iterable[Alarm], *, at: datetime, standing: bool = False
) -> None:
    """Raise alarms in one statement; one that stands already counts on and is open again.

    `standing`: a condition looked at again and again; while its alarm stands nothing is written.
    """
    counted = Counter(alarms)
    rows: dict[UUID, dict[str, Any]] = {}
    for alarm, count in counted.items():
        alarm_id = uuid5(_NAMESPACE, f"{alarm.code}/{alarm.subject}")
        row = rows.setdefault(
            alarm_id,
            {
                "alarm_id": alarm_id,
                "code": alarm.code.value,
                "subject": alarm.subject,
                "division_code": alarm.division_code,
                "organ_code": alarm.organ_code,
                "detail": alarm.detail,
                "times": 0,
                "first_at": at,
                "last_at": at,
                "cleared_at": None,
            },
        )
        row["times"] += count
    await insert_many(
        session,
        ALARM,
        [rows[alarm_id] for alarm_id in sorted(rows)],
        conflict=OnConflict(
            ("alarm_id",),
            replaced=("detail", "last_at", "cleared_at"),
            added=("times",),
            where_set="cleared_at" if standing else None,
        ),
    )


async def clear(
    session: AsyncSession,
    code: AlarmCode,
    *,
    at: datetime,
    keep: Sequence[str] = (),
    only: Sequence[str] | None = None,
) -> None:
    """Clear alarms of a code whose cause is gone, but for the subjects in `keep`; or those of the
    subjects in `only`."""
    which = ALARM.c.subject.not_in(keep) if only is None else ALARM.c.subject.in_(only)
    await session.execute(
        update(ALARM)
        .where(ALARM.c.code == code.value, ALARM.c.cleared_at.is_(None), which)
        .values(cleared_at=at)
    )


async def is_open(session: AsyncSession, code: AlarmCode, subject: str) -> bool:
    """Whether an alarm stands."""
    stands = select(ALARM.c.alarm_id).where(
        ALARM.c.code == code.value, ALARM.c.subject == subject, ALARM.c.cleared_at.is_(None)
    )
    return await session.scalar(stands) is not None


async def page(
    session: AsyncSession,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Alarms, newest first, before a key."""
    query = (
        select(ALARM)
        .where(*conditions)
        .order_by(ALARM.c.last_at.desc(), ALARM.c.alarm_id.desc())
        .limit(limit)
    )
    if before is not None:
        at, alarm_id = before
        key = tuple_(literal(at, UtcDateTime()), literal(alarm_id))
        query = query.where(tuple_(ALARM.c.last_at, ALARM.c.alarm_id) < key)
    return (await session.execute(query)).all()
