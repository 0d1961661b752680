"""How far duties were brought in line with the limits in force, and what is left to look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.alarms.store import ALARM
from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.store.duties import DUTY
from services.supervision.duties.store.duty_rows import duty_of
from services.supervision.tables import TABLES
from shared.db.notes import read_note, write_note
from shared.reference.editions import Edition
from shared.vocabulary.duties import AlarmCode, DutyKind, DutyState, Nature, SubjectKind

EDITION = TABLES.edition
STATE_KEY = "limits_reckoned"
_FIRST = str(UUID(int=0))


@dataclass(slots=True)
class Progress:
    """Through how many rounds of all there is to look at the limits of an edition have gone, and
    how far in the present one: the last alarm, overdue duty and duty looked at."""

    edition: str
    rounds: int = 0
    alarm: str = _FIRST
    untold: str = _FIRST
    duty: str = _FIRST


async def progress(session: AsyncSession, edition: str) -> Progress:
    """Where the last step of this edition ended; a new one begins from the start."""
    noted = await read_note(session, TABLES, STATE_KEY)
    return Progress(**noted) if noted.get("edition") == edition else Progress(edition)


async def note(session: AsyncSession, state: Progress) -> None:
    """Keep it, in the transaction of the step."""
    await write_note(session, TABLES, STATE_KEY, asdict(state))


async def without_limit(
    session: AsyncSession, after: str, *, limit: int
) -> Sequence[tuple[str, str]]:
    """(alarm, subject) of what has an obligation without a limit, by the alarm that says so."""
    found = await session.execute(
        select(ALARM.c.alarm_id, ALARM.c.subject)
        .where(ALARM.c.code == AlarmCode.LIMIT_MISSING.value, ALARM.c.cleared_at.is_(None))
        .where(ALARM.c.alarm_id > UUID(after))
        .order_by(ALARM.c.alarm_id)
        .limit(limit)
    )
    return [(str(row[0]), row[1]) for row in found]


async def counted_by(
    session: AsyncSession, editions: Collection[str], *, since: date, after: str, limit: int
) -> list[Duty]:
    """Duties that began on or after a day and were counted by one of these editions of limits;
    silent history and superiors' duties are left alone."""
    if not editions:
        return []
    found = await session.execute(
        select(DUTY)
        .where(DUTY.c.duty_id > UUID(after), DUTY.c.limits_edition.in_(sorted(editions)))
        .where(DUTY.c.started_on >= since, ~DUTY.c.silent)
        .where(DUTY.c.subject_kind != SubjectKind.DUTY.value)
        .order_by(DUTY.c.duty_id)
        .limit(limit)
    )
    return [duty_of(row) for row in found]


async def untold(session: AsyncSession, after: str, *, limit: int) -> list[Duty]:
    """Overdue duties without the duty of the superior that is told of them, locked."""
    above = DUTY.alias()
    again = DUTY.c.subject_kind == SubjectKind.DUTY.value
    told = exists().where(
        above.c.kind == DutyKind.RAISED.value,
        (
            and_(
                again,
                above.c.subject_id == DUTY.c.subject_id,
                above.c.ordinal == DUTY.c.ordinal + 1,
            )
        )
        | (and_(~again, above.c.subject_id == DUTY.c.duty_id)),
    )
    found = await session.execute(
        select(DUTY)
        .where(DUTY.c.duty_id > UUID(after), DUTY.c.state == DutyState.OVERDUE.value)
        .where(~DUTY.c.silent, DUTY.c.nature != Nature.WINDOW.value, ~told)
        .order_by(DUTY.c.duty_id)
        .limit(limit)
        .with_for_update(of=DUTY)
    )
    return [duty_of(row) for row in found]


async def stamp(session: AsyncSession, ids: Sequence[UUID], edition: str) -> None:
    """Note that these duties are what this edition of the limits calls for."""
    if ids:
        await session.execute(
            update(DUTY).where(DUTY.c.duty_id.in_(ids)).values(limits_edition=edition)
        )


async def limit_editions(session: AsyncSession) -> dict[str, Edition]:
    """All editions of the limits by id, with their files."""
    found = await session.execute(select(EDITION).where(EDITION.c.kind == "limits"))
    return {
        row.edition_id: Edition.unpack("limits", row.edition_id, row.effective_on, row.content_xz)
        for row in found
    }
