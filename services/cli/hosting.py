"""The four services on one listening socket of this process, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from services.standalone import Standalone
from shared.runtime.bounded_http import BoundedHttp

GRACE_SECONDS = 20


@asynccontextmanager
async def hosted(
    standalone: Standalone, listener: socket.socket
) -> AsyncIterator[asyncio.Task[None]]:
    """Everything running while the block runs; the task ends when SIGINT or SIGTERM came.

    Errors of the start are raised here. The server is stopped before the services, so that a
    request that was taken is answered. Raises FolderBusy."""
    with standalone.lock as lock:
        async with standalone.running():
            config = uvicorn.Config(
                standalone,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                http=BoundedHttp,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
            server = uvicorn.Server(config)
            with _signals_outlived():
                serving = asyncio.create_task(server.serve(sockets=[listener]))
                lock.announce(address(listener))
                try:
                    yield serving
                finally:
                    server.should_exit = True
                    await serving


def address(listener: socket.socket) -> str:
    """The URL of a bound socket, as a person on this machine opens it."""
    host, port = listener.getsockname()[:2]
    return f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104


@contextmanager
def _signals_outlived() -> Iterator[None]:
    """uvicorn takes the signals, ends, and raises them once more; the services must still stop
    in order, so the second time nothing happens."""
    taken = {each: signal.signal(each, _ignore) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, before in taken.items():
            signal.signal(each, before)


def _ignore(_number: int, _frame: object) -> None:
    pass
