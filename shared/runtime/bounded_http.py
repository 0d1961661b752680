"""uvicorn's HTTP protocol with bounds on what a client may do before its request is whole.

The server itself bounds neither the head of a request nor how long it may take, nor how many
connections wait: one client could use up memory, or all descriptors. `xinfang serve` uses this
class; `uvicorn` takes it as `--http shared.runtime.bounded_http:BoundedHttp`. Bodies and requests
under way are bounded by `shared.web.strictness`, in either way to run.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.web.problems import problem

HEAD_BYTES: Final = 32 * 1024
"""Request line and headers together; what our own clients send has some 2 kB."""
HEADERS_MOST: Final = 100
HEAD_SECONDS: Final = 10.0
CONNECTIONS_MOST: Final = 1000
LINGER_SECONDS: Final = 2.0
"""How long what still comes is read and thrown away behind an early answer: a connection closed
with unread bytes is reset, and the client never sees the answer."""
CLOSE: Final = {"Connection": "close"}


def most_connections() -> int:
    """How many connections a process keeps: half of its descriptors are left to files, databases
    and the broker."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(CONNECTIONS_MOST, max(1, descriptors // 2))


class BoundedHttp(HttpToolsProtocol):
    """One connection; see the module. Over the bounds it is answered by a problem document with
    414, 431, 408 or 503, and closed."""

    head_bytes = HEAD_BYTES
    head_seconds = HEAD_SECONDS
    most = most_connections()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_open, self._body_open, self._trailing = True, False, False
        self._refused = False
        self._seen = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection; where there are too many, the one that waited longest for a request
        makes room, so that waiting connections keep nobody out."""
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > self.most:
            waiting = (each for each in self.connections if isinstance(each, BoundedHttp))
            oldest = min(waiting, key=BoundedHttp.waits_until)
            if oldest is self:
                self.refuse("unavailable")
            else:
                oldest.give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._head_done()
        super().connection_lost(exc)

    def waits_until(self) -> float:
        """When the wait for its next request ends, by the loop's clock; infinite while one is under
        way."""
        timer = self._timer or self.timeout_keep_alive_task
        return timer.when() if timer else float("inf")

    def give_up(self) -> None:
        """Wait no longer for a head: a client that sent half of one is told."""
        if self._seen:
            self.refuse("too_slow")
        else:
            self.transport.close()

    def refuse(self, code: str) -> None:
        """Answer with a problem, unless an answer is under way, and close."""
        self._head_done()
        if self._refused or self.transport.is_closing():
            return
        self._refused, self._body_open = True, False
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()
            return
        answer = problem(code, headers=CLOSE)
        headers = [name + b": " + value for name, value in answer.raw_headers]
        head = STATUS_LINE[answer.status_code] + b"\r\n".join((*headers, b"", b""))
        self.transport.write(head + bytes(answer.body))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless the head has grown too large."""
        if self._refused or self.transport.is_closing():
            return
        super().data_received(data)
        if not (self._head_open or self._trailing) or self._refused:
            return
        self._seen += len(data)
        if self._seen > self.head_bytes:
            address = len(self.url) > self.head_bytes // 2
            self.refuse("address_too_long" if address else "head_too_large")
        elif self._head_open and self._timer is None:
            self._await_head()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head_open, self._trailing, self._seen = True, False, 0

    def on_url(self, url: bytes) -> None:
        """A piece of the address; what is too long is not put together."""
        if len(self.url) <= self.head_bytes:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. Those behind a body (trailers) mean nothing here and are not kept."""
        if self._head_open and len(self.headers) <= HEADERS_MOST:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: ask the app, if its size is within the bounds."""
        self._head_done()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.url) > self.head_bytes:
            self.refuse("address_too_long")
        elif size > self.head_bytes or len(self.headers) > HEADERS_MOST:
            self.refuse("head_too_large")
        else:
            self._body_open = True
            super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk begins; behind the last one, which is empty, trailers may come."""
        self._trailing, self._seen = True, 0

    def on_body(self, body: bytes) -> None:
        """A piece of the body of a request that was taken."""
        self._trailing = False
        if self._body_open:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; the next one begins with a head."""
        if self._body_open:
            self._body_open, self._trailing, self._seen = False, False, 0
            self._head_done()
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is sent. A client that goes on with its body is heard for a while only."""
        super().on_response_complete()
        if self._body_open and self._timer is None:
            self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _head_done(self) -> None:
        self._head_open = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._await_head()  # the answer to an earlier request is not cut off
        else:
            self.give_up()
