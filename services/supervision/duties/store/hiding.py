"""What a reader may not learn of: duties about an accusation of the own organ or one above it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.alarms.store import ALARM
from services.supervision.facts.store import DUTY, PETITION
from shared.db.accused import accuses
from shared.db.many import one_of


def not_hidden(above: Collection[str]) -> ColumnElement[bool]:
    """Condition on duties: about no accusation of one of these organs. With the reader's organs and
    all they are under, the accused unit and those under it learn nothing of it (Art. 30)."""
    return DUTY.c.duty_id.not_in(_hidden(above))


async def about_hidden(session: AsyncSession, above: Collection[str]) -> ColumnElement[bool]:
    """Condition on alarms: about a hidden duty, or what it is about."""
    duties = select(DUTY.c.duty_id, DUTY.c.subject_kind, DUTY.c.subject_id).where(
        DUTY.c.duty_id.in_(_hidden(above))
    )
    subjects = set()
    for duty_id, kind, subject_id in await session.execute(duties):
        subjects |= {f"duty/{duty_id}", f"{kind}/{subject_id}"}
    accusing = select(PETITION.c.petition_id, PETITION.c.case_id).where(_accusing(above))
    for petition_id, case_id in await session.execute(accusing):
        subjects |= {f"petition/{petition_id}", f"case/{case_id}"}
    return one_of(session, ALARM.c.subject, sorted(subjects))


def _accusing(above: Collection[str]) -> ColumnElement[bool]:
    return and_(PETITION.c.hidden_from.is_not(None), accuses(PETITION.c.hidden_from, above))


def _hidden(above: Collection[str]) -> Select[Any]:
    """Duties about such petitions and their cases, and those of superiors that were told.

    Read off what is known of petitions now and kept in no duty: a purpose settled later hides what
    was owed before. Few rows, each found by an index."""
    accusing = _accusing(above)
    cases = select(PETITION.c.case_id).where(accusing, PETITION.c.case_id.is_not(None))
    petitions = select(PETITION.c.petition_id).where(accusing)
    own = union(
        select(DUTY.c.duty_id).where(DUTY.c.case_id.in_(cases)),
        select(DUTY.c.duty_id).where(DUTY.c.subject_id.in_(petitions)),
    ).cte("about_accusations")
    raised = select(DUTY.c.duty_id).where(DUTY.c.subject_id.in_(select(own.c.duty_id)))
    return select(union(select(own.c.duty_id), raised).subquery().c.duty_id)
