"""Composition root of the analytics service: it consumes events, answers and publishes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import FastAPI

from services.analytics.checking.jobs import check_in_rounds, figures_are_wrong
from services.analytics.checking.use_cases import Findings
from services.analytics.projection import handlers
from services.analytics.projection.jobs import recount
from services.analytics.projection.store import projection_lock
from services.analytics.registry.domain.period import Period
from services.analytics.subscriptions import SUBSCRIPTIONS
from services.analytics.summary.api import routes
from services.analytics.summary.api.presenting import summary_out
from services.analytics.summary.domain.query import EVERYTHING, SummaryQuery
from services.analytics.summary.use_cases import summarise
from services.analytics.tables import METADATA, TABLES
from shared.db.editions import load_reference
from shared.db.engine import Database
from shared.runtime.app import create_service_app
from shared.runtime.service import Job, Service, ServiceSpec, make_clock
from shared.runtime.settings import Settings

CHECK_SECONDS = 60.0
HANDLERS = (handlers,)
"""Imported so that their reactions are registered."""


async def setup(service: Service) -> None:
    """Note by what definition the figures are counted, and give the checker its memory."""
    async with service.database.writing() as session:
        await projection_lock.begin(session)
    service.resources = Findings()


SPEC = ServiceSpec(
    name="analytics",
    title="统计分析",
    metadata=METADATA,
    tables=TABLES,
    routers=(routes.router,),
    subscriptions=SUBSCRIPTIONS,
    jobs=(
        Job("figures", check_in_rounds, idle_max=CHECK_SECONDS),
        Job("recount", recount, idle_max=CHECK_SECONDS),
    ),
    setup=setup,
    readiness=(figures_are_wrong,),
    problems={"figures_disagree": (500, "统计数字前后不符，已停止显示")},
)


def app() -> FastAPI:
    """`uvicorn services.analytics.main:app --factory`."""
    return create_service_app(SPEC)


async def summary(
    settings: Settings, first: date, last: date, *, division: str | None = None
) -> dict[str, Any]:
    """The same answer as GET /analytics/v1/summary with the operator's rights, straight from the
    database: for commands while no server is running. Raises what that route answers with."""
    database = Database(settings.database(SPEC.name))
    today = make_clock(settings).today()
    try:
        async with database.reading() as session:
            root = settings.root_division or await projection_lock.root_division(session)
            reference = await load_reference(session, TABLES, on=today, root_division=root)
            query = SummaryQuery(period=Period(first, last), division=division)
            comparison = await summarise(session, reference, query, visible=EVERYTHING)
        answer = summary_out(comparison, reference, as_of=today)
        return answer.model_dump(mode="json", by_alias=True)
    finally:
        await database.close()
