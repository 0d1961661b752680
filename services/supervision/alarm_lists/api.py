"""Alarms: what no rule can mend and a person must look at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import and_, false, or_

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import ALARM
from services.supervision.duties.api.schemas import AlarmOut
from services.supervision.duties.api.scope import AlarmReader
from services.supervision.duties.store.hiding import about_hidden
from shared.vocabulary.duties import AlarmCode
from shared.vocabulary.posts import Role
from shared.web.deps import Reading, ReferenceDep
from shared.web.paging import (
    CursorText,
    Limit,
    Page,
    cut_page,
    encode_cursor,
    moment_key,
)
from shared.web.problems import problems
from shared.web.security import organs_above, scope_of

router = APIRouter(tags=["alarms"])


@router.get("/alarms", summary="告警列表（最近的在前）", responses=problems(400))
async def list_alarms(
    *,
    caller: AlarmReader,
    session: Reading,
    reference: ReferenceDep,
    code: Annotated[list[AlarmCode] | None, Query(description="代码，可多个")] = None,
    open_only: Annotated[bool, Query(description="只看未解除的")] = True,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[AlarmOut]:
    """Supervisors see their subtree's alarms, operators the technical ones; neither what is about
    an accusation of the caller's organs or of one they are under."""
    supervisor = (post for post in caller.posts if post.role is Role.SUPERVISOR)
    own = scope_of(supervisor, reference.divisions).of_divisions(ALARM.c.division_code)
    operates = Role.OPERATOR in caller.roles
    technical = ALARM.c.division_code.is_(None) if operates else false()
    conditions = [
        or_(and_(ALARM.c.division_code.is_not(None), own), technical),
        ~await about_hidden(session, organs_above(caller, reference.organs)),
        *([ALARM.c.cleared_at.is_(None)] if open_only else []),
        *([ALARM.c.code.in_([each.value for each in code])] if code else []),
    ]
    before = moment_key(cursor) if cursor else None
    found = await alarms.page(session, conditions, before=before, limit=limit + 1)
    rows, more = cut_page(found, limit)
    return Page(
        items=[AlarmOut.of(row) for row in rows],
        next=encode_cursor(rows[-1].last_at, rows[-1].alarm_id) if more else None,
    )
