"""GET /analytics/v1/summary: what a period's report says."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import structlog
from fastapi import APIRouter, Query

from services.analytics.api.presenting import summary_out
from services.analytics.api.schemas import RebuiltOut, SummaryOut
from services.analytics.domain.summary import (
    EVERYTHING,
    FiguresDisagree,
    Period,
    Sight,
    Wanted,
)
from services.analytics.use_cases.checking import Findings
from services.analytics.use_cases.rebuilding import rebuild
from services.analytics.use_cases.summarising import summarise
from shared.kernel.errors import NotFound
from shared.reference.divisions import Divisions, normalise_code
from shared.reference.editions import Reference
from shared.vocabulary.petitions import Channel
from shared.vocabulary.posts import Role
from shared.web.bodies import Day
from shared.web.deps import Reading, ReferenceDep, Resources, ServiceDep, Today, allow
from shared.web.problems import problems
from shared.web.security import Caller, ScopeKind, organs_above, scope_of

log = structlog.get_logger()

OF_DIVISION = frozenset({Role.ANALYST, Role.SUPERVISOR, Role.LEADER})
"""Roles that see the whole subtree of their organ's division; a head sees the own organ only."""

Reader = Annotated[Caller, allow(*OF_DIVISION, Role.HEAD, Role.OPERATOR, scope=ScopeKind.DIVISION)]
Operator = Annotated[Caller, allow(Role.OPERATOR, scope=ScopeKind.DEPLOYMENT)]

router = APIRouter(tags=["figures"])


@router.get("/summary", summary="一个时期的统计与上年同期", responses=problems(404, 500))
async def read_summary(
    *,
    caller: Reader,
    session: Reading,
    reference: ReferenceDep,
    resources: Resources,
    today: Today,
    first: Annotated[Day, Query(alias="from", description="起始日期，含当日，按收到日期")],
    last: Annotated[Day, Query(alias="to", description="截止日期，含当日")],
    division: Annotated[
        str | None,
        Query(
            description="行政区划代码（2、4、6、9 或 12 位），含其全部下级",
            pattern="^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        ),
    ] = None,
    organ: Annotated[str | None, Query(description="机关代码", max_length=40)] = None,
    category: Annotated[
        str | None, Query(description="内容分类代码，含其全部下级", pattern="^[0-9]{6}$")
    ] = None,
    channel: Annotated[Channel | None, Query(description="信访形式")] = None,
) -> SummaryOut:
    """Figures of petitions received from `from` to `to`, and of the same days a year before."""
    sight = sight_of(caller, reference)
    asked = normalise_code(division) if division else None
    if asked and not _may_ask(asked, sight, reference.divisions):
        raise NotFound
    wanted = Wanted(
        period=Period(first, last),
        division=asked,
        organ=organ,
        category=category,
        channel=channel.value if channel else None,
    )
    try:
        comparison = await summarise(session, reference, wanted, sight=sight)
    except FiguresDisagree as error:
        findings: Findings = resources
        findings.disagreed = True
        log.error("figures.disagree", what=error.detail)  # noqa: TRY400  the detail says it all
        raise
    return summary_out(comparison, reference, as_of=today)


@router.post("/rebuilds", summary="从收件箱重新统计", status_code=201, responses=problems(503))
async def rebuild_figures(*, caller: Operator, service: ServiceDep) -> RebuiltOut:
    """Count everything anew; the answer comes when it is done."""
    done = await rebuild(service, actor=caller.person)
    return RebuiltOut(events=done.events, petitions=done.petitions)


def sight_of(caller: Caller, reference: Reference) -> Sight:
    """What the caller's posts let them count: exact figures, since it is their own scope, but for
    accusations of their own organ or one they are under."""
    above = organs_above(caller, reference.organs)
    if Role.OPERATOR in caller.roles:
        return replace(EVERYTHING, above=above)
    whole = (post for post in caller.posts if post.role in OF_DIVISION)
    own = (post.organ_code for post in caller.posts if post.role is Role.HEAD)
    return Sight(
        divisions=scope_of(whole, reference.divisions).divisions,
        organs=frozenset(own),
        above=above,
    )


def _may_ask(division: str, sight: Sight, divisions: Divisions) -> bool:
    low, high = divisions.subtree_range(division)
    inside = any(first <= low and high <= last for first, last in sight.divisions)
    return inside or bool(sight.organs)
