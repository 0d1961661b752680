"""A TCP proxy before the broker that cuts, freezes or half-opens every connection through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Link:
    """One connection and the ways to hurt it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    deaf: bool = False  # what the server says is swallowed from now on
    pumps: list[asyncio.Task[None]] = field(default_factory=list)

    def abort(self) -> None:
        self.client.transport.abort()
        self.server.transport.abort()


class Proxy:
    """See the module. New connections always get through, unless `refuse` is on."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._links: set[_Link] = set()
        self._flow = asyncio.Event()
        self._flow.set()
        self._server: asyncio.Server | None = None
        self.refuse = False
        self.pace: float | None = None  # bytes per second, in each direction of each connection

    async def start(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close everything."""
        if self._server:
            self._server.close()
        self._flow.set()
        self.cut()

    def retarget(self, host: str, port: int) -> None:
        """Lead new connections elsewhere."""
        self._target = (host, port)

    def cut(self) -> None:
        """Reset every connection, in the middle of whatever is under way."""
        for link in list(self._links):
            link.abort()

    def freeze(self) -> None:
        """Let nothing through, in either direction, and drop nothing."""
        self._flow.clear()

    def thaw(self) -> None:
        """Let it flow again."""
        self._flow.set()

    def half_open(self) -> None:
        """From now on no client hears its server any more; the server hears its client.

        There is no healing of such a connection: the client must give it up by itself."""
        for link in self._links:
            link.deaf = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, far_writer)
        self._links.add(link)
        link.pumps = [
            asyncio.create_task(self._pump(reader, far_writer, lambda: True)),
            asyncio.create_task(self._pump(far_reader, writer, lambda: not link.deaf)),
        ]
        await asyncio.wait(link.pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in link.pumps:
            pump.cancel()
        await asyncio.gather(*link.pumps, return_exceptions=True)
        self._links.discard(link)
        link.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Callable[[], bool]
    ) -> None:
        while data := await _quietly(reader.read(int(self.pace) if self.pace else 65_536)):
            await self._flow.wait()
            if self.pace:
                await asyncio.sleep(len(data) / self.pace)
            if heard():
                writer.write(data)
                await _quietly(writer.drain())


async def _quietly(waiting: Awaitable[bytes | None]) -> bytes | None:
    """The result, None when the connection is gone."""
    try:
        return await waiting
    except OSError:
        return None
