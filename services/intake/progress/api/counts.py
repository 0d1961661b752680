"""Counts with which the four services are compared: what intake has, what it has told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import true

from services.intake.openers.api import not_hidden_from
from services.intake.petitions.store.petitions import hourly_counts
from shared.kernel.errors import Invalid
from shared.vocabulary.posts import Role
from shared.web.bodies import Instant
from shared.web.deps import Reading, ReferenceDep, Resources, allow
from shared.web.security import Caller, ScopeKind

router = APIRouter(tags=["counts"])

Comparer = Annotated[Caller, allow(Role.OPERATOR, Role.SERVICE, scope=ScopeKind.DEPLOYMENT)]
LONGEST_DAYS = 400


class HourCount(BaseModel):
    """One hour of registration (UTC). `published` = total - sealed; `imported` is part of it."""

    hour: datetime
    total: int
    sealed: int
    published: int
    imported: int


class Counts(BaseModel):
    """Sums over the hours asked for, and the hours."""

    total: int
    sealed: int
    published: int
    imported: int
    hours: list[HourCount]


@router.get("/counts", summary="核对用计数")
async def show_counts(
    caller: Comparer,
    session: Reading,
    reference: ReferenceDep,
    desk: Resources,
    since: Annotated[Instant, Query(description="含，按登记时刻所在小时")],
    until: Annotated[Instant, Query(description="不含")],
) -> Counts:
    """Registered petitions by hour; what is sealed now counts as sealed, whenever it came. People
    count without accusations of their own organ or one it is under, services count all."""
    if not since < until or (until - since).days > LONGEST_DAYS:
        raise Invalid("时间范围不正确")
    is_service = Role.SERVICE in caller.roles
    seen = true() if is_service else not_hidden_from(caller, reference, desk)
    rows = await hourly_counts(session, seen, since=since, until=until)
    hours = [
        HourCount(
            hour=row["hour"],
            total=row["total"],
            sealed=row["sealed"],
            published=row["total"] - row["sealed"],
            imported=row["imported"],
        )
        for row in rows
    ]
    return Counts(
        total=sum(hour.total for hour in hours),
        sealed=sum(hour.sealed for hour in hours),
        published=sum(hour.published for hour in hours),
        imported=sum(hour.imported for hour in hours),
        hours=hours,
    )
