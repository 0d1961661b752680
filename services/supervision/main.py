"""The composition root of supervision (督办)."""

from __future__ import annotations

from fastapi import FastAPI

from services.supervision.alarm_lists.api import router as alarms_router
from services.supervision.alarms import handlers as queue
from services.supervision.checking.jobs import check
from services.supervision.duties import handlers as facts
from services.supervision.duties.api.duties import router as duties_router
from services.supervision.duties.jobs.figures import gauges
from services.supervision.duties.jobs.watcher import Watch, watch, watcher_is_silent
from services.supervision.subscriptions import SUBSCRIPTIONS
from services.supervision.tables import METADATA, TABLES
from services.supervision.verification.jobs import compare, duties_disagree
from shared.runtime.app import create_service_app
from shared.runtime.service import Job, Service, ServiceSpec

CHECK_SECONDS = 60.0
HANDLERS = (facts, queue)
"""Imported so that their reactions are registered."""


async def setup(service: Service) -> None:
    """Give this process's watcher its memory."""
    service.resources = Watch()


SPEC = ServiceSpec(
    name="supervision",
    title="督办",
    metadata=METADATA,
    tables=TABLES,
    routers=(duties_router, alarms_router),
    subscriptions=SUBSCRIPTIONS,
    jobs=(
        Job("watcher", watch, idle_max=1.0),
        Job("checker", check, idle_max=CHECK_SECONDS, alone=True),
        Job("witness", compare, idle_max=CHECK_SECONDS, alone=True),
    ),
    setup=setup,
    readiness=(watcher_is_silent, duties_disagree),
    gauges=(gauges,),
    problems={"limit_missing": (409, "没有适用的时限")},
)


def app() -> FastAPI:
    """`uvicorn services.supervision.main:app --factory`."""
    return create_service_app(SPEC)
