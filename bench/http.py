"""A lean HTTP/1.1 client, so that the load generator takes as little of the machine as it can."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

SERVER = ("--http", "shared.runtime.bounded_http:BoundedHttp", "--no-server-header")
"""Options of uvicorn, as compose has them."""


@dataclass(slots=True)
class Measured:
    """Answers of one round: seconds each took, by status."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    elapsed: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the answers came."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def all_statuses(rounds: Iterable[Measured]) -> dict[int, int]:
    """How many answers of each status all rounds had."""
    return dict(sum((Counter(each.statuses) for each in rounds), Counter()))


async def load(
    host: str, port: int, request: Callable[[int], bytes], *, connections: int, seconds: float
) -> Measured:
    """Send requests over keep-alive connections, one after the other on each, for a time.

    `request` makes the bytes of the n-th request."""
    result = Measured()
    counter = iter(range(10**9))
    began = time.perf_counter()
    until = began + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        while time.perf_counter() < until:
            sent = time.perf_counter()
            writer.write(request(next(counter)))
            status = await _answer(reader)
            result.seconds.append(time.perf_counter() - sent)
            result.statuses[status] = result.statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    result.elapsed = time.perf_counter() - began
    return result


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        await reader.readexactly(int(lower[at + 15 : lower.index(b"\r\n", at)]))
    return status


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of a POST with a JSON body."""
    described = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return _head("POST", path, described | headers) + body


def get(path: str, headers: dict[str, str]) -> bytes:
    """The bytes of a GET."""
    return _head("GET", path, headers)


def _head(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
