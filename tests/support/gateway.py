"""A gateway for tests with the paths of deploy/gateway: the first segment names the service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.support.listening import free_port, listening

HOP_BY_HOP = {"connection", "content-length", "host", "transfer-encoding"}


class Gateway:
    """Forwards to `ports`, on a port of its own."""

    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self._port = free_port()
        self._client = httpx.AsyncClient(timeout=30)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request."""
        request = Request(scope, receive)
        port = self._ports.get(request.url.path.split("/")[1])
        if port is None:
            await Response(status_code=404)(scope, receive, send)
            return
        try:
            answer = await self._client.request(
                request.method,
                f"http://127.0.0.1:{port}{request.url.path}?{request.url.query}",
                headers={k: v for k, v in request.headers.items() if k not in HOP_BY_HOP},
                content=await request.body(),
            )
        except httpx.HTTPError:
            await Response(status_code=503)(scope, receive, send)
            return
        kept = {k: v for k, v in answer.headers.items() if k not in HOP_BY_HOP}
        await Response(answer.content, answer.status_code, kept)(scope, receive, send)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        async with self._client, listening(self, self._port):
            yield
