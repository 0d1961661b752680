"""An ASGI app of a test on a port of its own, in the test's own loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def listening(app: ASGIApp, port: int, **options: Any) -> AsyncIterator[None]:
    """Serve while the block runs, which begins once requests are taken; `options` are uvicorn's."""
    config = uvicorn.Config(
        app, port=port, lifespan="off", log_config=None, access_log=False, **options
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())  # serve() would take the signals
    try:
        while not server.started:  # noqa: ASYNC110  the library has no event for it
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task
