"""Alarms: one row per code and subject, raised again rather than repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Row, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.tables import AlarmRow, table_of
from shared.db.many import OnConflict, insert_many
from shared.db.types import UtcDateTime

ALARM = table_of(AlarmRow)
_NAMESPACE = UUID("0a7a4c3e-6a38-4a4f-8f0e-5c9d54a0c001")


class AlarmCode(StrEnum):
    """What can be wrong."""

    NOBODY_TO_TELL = "nobody_to_tell"
    LIMIT_MISSING = "limit_missing"
    CALENDAR_HORIZON = "calendar_horizon"
    CALENDAR_LATER = "calendar_later"
    HISTORY_UNANSWERED = "history_unanswered"
    CASE_WITHOUT_DUTY = "case_without_duty"
    DUTY_PUT_OFF = "duty_put_off"
    CLOCKS_DISAGREE = "clocks_disagree"
    DUTIES_DISAGREE = "duties_disagree"
    WATCHER_SILENT = "watcher_silent"
    WITNESS_SILENT = "witness_silent"
    EDITION_FAULTY = "edition_faulty"
    NOBODY_MAY_DECIDE = "nobody_may_decide"


TITLES = {
    AlarmCode.NOBODY_TO_TELL: "超期后无上级可提级",
    AlarmCode.LIMIT_MISSING: "时限表没有适用的条目",
    AlarmCode.CALENDAR_HORIZON: "工作日历即将用尽",
    AlarmCode.CALENDAR_LATER: "日历变更使已告知的期限变晚，须由人决定",
    AlarmCode.HISTORY_UNANSWERED: "导入的历史信访件没有答复",
    AlarmCode.CASE_WITHOUT_DUTY: "在办信访事项没有任何时限任务",
    AlarmCode.DUTY_PUT_OFF: "时限任务无法处理，一小时后再试",
    AlarmCode.CLOCKS_DISAGREE: "时钟不一致，暂停触发",
    AlarmCode.DUTIES_DISAGREE: "时限任务与原始事件不符",
    AlarmCode.WATCHER_SILENT: "时限监视没有心跳",
    AlarmCode.WITNESS_SILENT: "时限复核没有心跳",
    AlarmCode.EDITION_FAULTY: "现行参考数据版本有错误",
    AlarmCode.NOBODY_MAY_DECIDE: "有事项在本平台内无人可以决定",
}


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
