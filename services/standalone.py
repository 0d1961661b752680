"""All four services in one process behind one port: the embedded way to run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.deployment import SPECS, migrate
from shared.kernel.private import PRIVATE_UMASK
from shared.messaging.factory import make_bus
from shared.messaging.lease import free_all
from shared.runtime.app import create_app
from shared.runtime.exchange import Side, refuse_uneven
from shared.runtime.feed import HttpFeed
from shared.runtime.folder_lock import FolderLock
from shared.runtime.logging import configure_logging
from shared.runtime.service import Service, make_issuer
from shared.runtime.settings import Settings
from shared.web.body_limits import BodyLimits
from shared.web.problems import problem
from shared.web.strictness import StrictRequests
from shared.web.tokens import SERVICE_PERSON


class Standalone:
    """An ASGI app that hands each path to the service named by its first segment."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = FolderLock(settings.data_dir)
        self._bus = make_bus(
            settings.bus_url,
            settings.bus_namespace,
            on_ready=self._wake_relays,
            lanes=settings.lanes,
        )
        self.apps: dict[str, FastAPI] = {
            spec.name: create_app(spec, settings, bus=self._bus) for spec in SPECS
        }

        self._own = StrictRequests(self._answer, limits=BodyLimits(most=settings.max_body_bytes))
        feed = HttpFeed(
            lambda: httpx.AsyncClient(
                transport=httpx.ASGITransport(app=self), base_url="http://embedded"
            ),
            lambda: make_issuer(settings).token(SERVICE_PERSON, seconds=60),
        )
        for service in self.services:
            service.reconciler.feed = service.reconciler.feed or feed

    @property
    def services(self) -> Sequence[Service]:
        """The four running services."""
        return [app.state.service for app in self.apps.values()]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Migrate, start all services and the bus; stop them in the reverse order.

        Raises FolderBusy while another process serves the data folder."""
        async with AsyncExitStack() as stack:
            stack.enter_context(self.lock)
            await migrate(self.settings)
            await refuse_uneven([Side(each.spec, each.database) for each in self.services])
            for service in self.services:
                await free_all(service.database, service.tables)
            for app in self.apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            await self._bus.start()
            stack.push_async_callback(self._bus.stop)
            stack.push_async_callback(self._halt)
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the lifespan of the whole."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path = scope["path"]
        name = path.split("/", 2)[1] if path.count("/") else ""
        app: ASGIApp | None = self.apps.get(name)
        await (app or self._own)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is no service's: the health of the whole."""
        path = scope["path"]
        found = await self._health(path) if path in {"/live", "/ready"} else problem("not_found")
        await found(scope, receive, send)

    async def _health(self, path: str) -> JSONResponse:
        if path == "/live":
            return JSONResponse({"status": "live", "reasons": []})
        reasons = [
            f"{service.spec.name}:{reason}"
            for service in self.services
            for reason in await service.not_ready()
        ]
        ages = [await each.audit_age() for each in self.services]
        answer = {
            "status": "not_ready" if reasons else "ready",
            "reasons": reasons,
            "audit_unsealed_seconds": (
                None if None in ages else max(age for age in ages if age is not None)
            ),
        }
        return JSONResponse(answer, 503 if reasons else 200)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except BaseException:
            await send({"type": "lifespan.startup.failed"})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    async def _halt(self) -> None:
        """End all loops before any database closes: a relay here writes into inboxes there."""
        await asyncio.gather(*(service.halt() for service in self.services))

    def _wake_relays(self) -> None:
        for service in self.services:
            service.wake_relay()


def app() -> Standalone:
    """`uvicorn services.standalone:app --factory`."""
    os.umask(PRIVATE_UMASK)
    settings = Settings()
    configure_logging(settings.log_level)
    return Standalone(settings)
