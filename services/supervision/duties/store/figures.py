"""Counts an operator watches: no subject, no organ, no division."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.tables import AlarmRow, DutyRow, WatcherRow, table_of
from shared.db.types import UtcDateTime
from shared.vocabulary.duties import DutyState

ALARM = table_of(AlarmRow)
DUTY = table_of(DutyRow)
WATCHER = table_of(WatcherRow)
IS_OVERDUE = DUTY.c.state == literal_column(f"'{DutyState.OVERDUE}'")
"""In the very words of the partial index: counted on it alone, however many duties there are."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`oldest_due` is when the longest waiting duty ought to have been looked at, None when no
    duty waits; `late_seconds` is the worst lateness any watcher of the last day saw."""

    overdue: int
    waiting: int
    oldest_due: datetime | None
    late_seconds: float
    beaten_at: datetime | None
    alarms: dict[str, int]


async def read(session: AsyncSession, now: datetime) -> Figures:
    """All of them, as of `now`."""
    overdue = await session.scalar(select(func.count(DUTY.c.overdue_at)).where(IS_OVERDUE))
    waiting, oldest = (
        await session.execute(
            select(func.count(), func.min(DUTY.c.next_at, type_=UtcDateTime())).where(
                DUTY.c.next_at <= now
            )
        )
    ).one()
    late, beaten = (
        await session.execute(
            select(
                func.max(WATCHER.c.late_seconds), func.max(WATCHER.c.beat_at, type_=UtcDateTime())
            )
        )
    ).one()
    alarms = await session.execute(
        select(ALARM.c.code, func.count())
        .where(ALARM.c.cleared_at.is_(None))
        .group_by(ALARM.c.code)
        .order_by(ALARM.c.code)
    )
    return Figures(
        overdue=int(overdue or 0),
        waiting=int(waiting),
        oldest_due=oldest,
        late_seconds=float(late or 0.0),
        beaten_at=beaten,
        alarms={row[0]: row[1] for row in alarms},
    )
