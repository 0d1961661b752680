"""From ServiceSpec to FastAPI app: alike for one process per service and for all in one."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from shared.kernel.clock import Clock
from shared.kernel.private import PRIVATE_UMASK
from shared.messaging.bus import Bus
from shared.messaging.factory import make_bus
from shared.runtime.figures import common_gauges, store_gauges
from shared.runtime.logging import configure_logging
from shared.runtime.service import Service, ServiceSpec
from shared.runtime.settings import Settings
from shared.web.client_limit import ClientLimit
from shared.web.docs_pages import docs_routes
from shared.web.endpoints import GuardedApp
from shared.web.health import health_router
from shared.web.metrics import RequestMetrics
from shared.web.operations import operations_router
from shared.web.problems import install_problem_handlers, problems, register_problems
from shared.web.strictness import StrictRequests

VERSION = "0.1.0"
COLLECT_AFTER = 20_000
"""New objects between two searches for cycles. A request leaves hundreds, all freed without one;
with Python's 700 the searching takes a sixth of its time (docs/performance.md)."""


def create_app(
    spec: ServiceSpec, settings: Settings, *, bus: Bus | None = None, clock: Clock | None = None
) -> FastAPI:
    """The app of one service.

    With a `bus` of the caller's (embedded: one for all four) the caller starts and stops it;
    without one the app makes the bus its settings name and runs it with its own lifespan.
    """
    own_bus = bus is None
    holder: list[Service] = []
    used = bus or make_bus(
        settings.bus_url,
        settings.bus_namespace,
        on_ready=lambda: holder[0].wake_relay(),  # noqa: PLW0108  made below
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        gc.set_threshold(COLLECT_AFTER)
        service = holder[0]
        await service.start()
        if own_bus:
            await used.start()
        try:
            yield
        finally:
            if own_bus:
                await used.stop()
            await service.stop()

    app = GuardedApp(
        title=f"信访办理平台 · {spec.title}",
        version=VERSION,
        lifespan=lifespan,
        openapi_url=f"/{spec.name}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would name the host that the client said it asked
        generate_unique_id_function=_operation_id(spec.name),
        responses=problems(400, 401, 403, 422, 503),
    )
    register_problems(spec.problems)
    install_problem_handlers(app)
    app.router.routes.extend(docs_routes(spec.name, app.title))
    app.include_router(health_router())
    prefix = f"/{spec.name}/v1"
    for given in spec.routers:
        router = given if isinstance(given, APIRouter) else given()
        app.include_router(router, prefix=prefix)
    app.include_router(operations_router(), prefix=prefix)
    app.add_middleware(StrictRequests, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(
        RequestMetrics,
        service=spec.name,
        gauges=lambda: common_gauges(holder[0]),
        always=lambda: store_gauges(holder[0]),
    )
    holder.append(Service(spec, settings, bus=used, clock=clock))
    app.state.service = holder[0]
    if holder[0].tracing:
        app.add_middleware(holder[0].tracing.requests)
    app.state.client_limit = ClientLimit(
        per_minute=settings.filings_per_minute,
        per_hour=settings.filings_per_hour,
        trusted_proxies=settings.trusted_proxies,
    )
    return app


def create_service_app(spec: ServiceSpec) -> FastAPI:
    """`uvicorn services.<name>.main:app --factory`: settings come from the environment."""
    os.umask(PRIVATE_UMASK)
    settings = Settings()
    configure_logging(settings.log_level)
    return create_app(spec, settings)


def _operation_id(service: str) -> Callable[[APIRoute], str]:
    return lambda route: f"{service}_{route.name}"
