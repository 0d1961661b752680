"""Who looked at whose identity and why, for the auditor; never what was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, or_

from services.intake.openers.api import not_hidden_from
from services.intake.petitions.api.schemas import organ_name
from services.intake.petitions.domain.numbers import read_number
from services.intake.petitions.store.petitions import PETITION
from services.intake.reveals.domain import SHOWN
from services.intake.reveals.store.reveals import REVEAL, reveal_page
from shared.reference.organs import Organs
from shared.vocabulary.posts import GrantPurpose, Role
from shared.web.bodies import Instant
from shared.web.deps import Reading, Resources, ServiceDep, allow
from shared.web.paging import CursorText, Limit, Page, cut_page, encode_cursor, moment_key
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind

router = APIRouter(tags=["reveals"])

Auditor = Annotated[Caller, allow(Role.AUDITOR, scope=ScopeKind.DIVISION)]
ORDINARY = REVEAL.c.purpose.in_(sorted(SHOWN))
"""Reveals of an identity; the others opened a sealed item."""


class RevealEntry(BaseModel):
    """One time a vault was opened. A sealed item has its opaque id instead of number and reason:
    what it says is for its petition office alone, also after somebody un-sealed it."""

    grant_id: UUID
    at: datetime
    person: str
    organ_code: str
    organ: str | None
    role: Role
    purpose: GrantPurpose
    reason: str | None
    case_id: UUID | None
    number: str | None
    sealed_id: UUID | None

    @classmethod
    def of(cls, row: Any, organs: Organs) -> RevealEntry:
        """From a row of the log."""
        is_ordinary = row.purpose in SHOWN
        return cls(
            grant_id=row.grant_id,
            at=row.at,
            person=row.person,
            organ_code=row.organ_code,
            organ=organ_name(organs, row.organ_code),
            role=Role(row.role),
            purpose=GrantPurpose(row.purpose),
            reason=row.reason if is_ordinary else None,
            case_id=row.case_id,
            number=row.number if is_ordinary else None,
            sealed_id=None if is_ordinary else row.sealed_id,
        )


@router.get("/reveals", summary="查看身份记录（审计）", responses=problems(400))
async def list_reveal_log(
    caller: Auditor,
    response: Response,
    session: Reading,
    service: ServiceDep,
    desk: Resources,
    person: Annotated[str | None, Query(max_length=120, description="查看人")] = None,
    number: Annotated[str | None, Query(max_length=60, description="信访件编号")] = None,
    since: Annotated[Instant | None, Query(description="含")] = None,
    until: Annotated[Instant | None, Query(description="不含")] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[RevealEntry]:
    """What people of the auditor's division opened, newest first; sealed items of the own organ.
    Nothing about an accusation of the auditor's organ or one it is under."""
    response.headers["Cache-Control"] = "no-store"
    post = service.tables.post
    conditions: list[ColumnElement[bool]] = [
        or_(
            and_(ORDINARY, caller.scope.of_divisions(post.c.division_code)),
            and_(~ORDINARY, caller.scope.of_organs(REVEAL.c.organ_code)),
        ),
        not_hidden_from(caller, service.reference, desk),
    ]
    if person:
        conditions.append(REVEAL.c.person == person)
    if number:
        conditions += [ORDINARY, PETITION.c.number == read_number(number)]
    if since:
        conditions.append(REVEAL.c.at >= since)
    if until:
        conditions.append(REVEAL.c.at < until)
    before = moment_key(cursor) if cursor else None
    rows = await reveal_page(session, post, conditions, before=before, limit=limit + 1)
    page, more = cut_page(rows, limit)
    return Page(
        items=[RevealEntry.of(row, service.reference.organs) for row in page],
        next=encode_cursor(page[-1].at.isoformat(), page[-1].grant_id) if more else None,
    )
