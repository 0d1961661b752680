"""The composition root of supervision (督办)."""

from __future__ import annotations

from fastapi import FastAPI

from services.supervision.api.alarms import router as alarms_router
from services.supervision.api.duties import router as duties_router
from services.supervision.handlers import facts, queue
from services.supervision.handlers.subscriptions import SUBSCRIPTIONS
from services.supervision.jobs.checker import check
from services.supervision.jobs.figures import gauges
from services.supervision.jobs.watcher import Watch, watch, watcher_is_silent
from services.supervision.jobs.witness import compare, duties_disagree
from services.supervision.store.tables import METADATA, TABLES
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
