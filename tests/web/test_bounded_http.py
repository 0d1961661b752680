"""One client cannot use up a process before its request is whole: on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from shared.runtime.bounded_http import CONNECTIONS_MOST, HEAD_BYTES, BoundedHttp, most_connections
from tests.support.listening import free_port, listening

WHOLE = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the size of the body, once it is whole; waits first where asked to."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(0.8)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Impatient(BoundedHttp):
    head_seconds = 0.5
    most = 8


@pytest.fixture
async def port() -> AsyncIterator[int]:
    number = free_port()
    async with listening(echo, number, http=Impatient):
        yield number


class Client:
    """A connection that says exactly what it is told to."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Client:
        self._in, self._out = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._out.close()

    async def say(self, *parts: bytes) -> Client:
        for part in parts:
            try:
                self._out.write(part)
                await self._out.drain()
            except ConnectionError:
                break
        return self

    async def hear(self) -> tuple[int, bytes]:
        """Status and body of the next answer; 0 when there is none."""
        async with asyncio.timeout(20):
            try:
                head = await self._in.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return 0, b""
            lines = head.lower().split(b"\r\n")
            length = next(line for line in lines if line.startswith(b"content-length"))
            body = await self._in.readexactly(int(length.split(b":")[1]))
            return int(head.split()[1]), body


HUGE = b"a" * 1_000_000


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ([b"GET /", *[HUGE] * 20], 414, "address_too_long"),
        (
            [b"GET /" + b"a" * HEAD_BYTES + b"b HTTP/1.1\r\nHost: h\r\n\r\n"],
            414,
            "address_too_long",
        ),
        ([b"GET / HTTP/1.1\r\n", *[b"A: b\r\n" * 100_000] * 20], 431, "head_too_large"),
        ([b"GET / HTTP/1.1\r\nA: ", *[HUGE] * 20], 431, "head_too_large"),
        ([b"GET / HTTP/1.1\r\n", HUGE, HUGE], 431, "head_too_large"),
        ([b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n"], 431, "head_too_large"),
        ([b"GET / HTTP/1.1\r\nA: " + b"b" * HEAD_BYTES + b"\r\n\r\n"], 431, "head_too_large"),
    ],
)
async def test_a_head_without_end_is_refused(
    port: int, parts: list[bytes], status: int, code: str
) -> None:
    async with Client(port) as client, Client(port) as other:
        found, body = await (await client.say(*parts)).hear()
        assert (found, json.loads(body)["code"]) == (status, code)
        assert (await client.hear())[0] == 0  # closed
        assert await (await other.say(WHOLE)).hear() == (200, b"0")


async def test_what_is_within_the_bounds_is_taken(port: int) -> None:
    head = b"POST /%s HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n" % (b"a" * 8000)
    head += b"".join(b"H%d: %s\r\n" % (each, b"v" * 200) for each in range(90))
    async with Client(port) as client:
        for _ in range(3):
            await client.say(head, b"\r\n" + b"x" * 400_000)
            assert await client.hear() == (200, b"400000")
        await client.say(WHOLE + WHOLE)
        assert [await client.hear(), await client.hear()] == [(200, b"0")] * 2


CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"


async def test_trailers_are_passed_over_and_bounded(port: int) -> None:
    async with Client(port) as client:
        assert await (await client.say(CHUNKED + b"T: 1\r\n\r\n")).hear() == (200, b"3")
        assert await (await client.say(WHOLE)).hear() == (200, b"0")
    for endless in (b"T: v\r\n" * 10_000, b"T: " + HUGE):
        async with Client(port) as client:
            assert (await (await client.say(CHUNKED, endless, *[HUGE] * 5)).hear())[0] == 0


async def test_half_a_head_ends_after_a_while(port: int) -> None:
    async with Client(port) as half, Client(port) as silent, Client(port) as second:
        await half.say(b"GET / HTTP/1.1\r\nHost:")
        assert await (await second.say(WHOLE)).hear() == (200, b"0")
        await second.say(b"GET /again")
        status, body = await half.hear()
        assert (status, json.loads(body)["code"]) == (408, "too_slow")
        assert await silent.hear() == (0, b"")
        assert (await second.hear())[0] == 408


async def test_dripping_bytes_buys_no_time(port: int) -> None:
    async with Client(port) as client:
        for each in b"GET / HTTP/1.1":
            await client.say(bytes([each]))
            await asyncio.sleep(0.1)
        assert (await client.hear())[0] == 408


async def test_an_answer_under_way_is_not_cut_off(port: int) -> None:
    async with Client(port) as client:
        await client.say(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /ne")
        assert await client.hear() == (200, b"0")


async def test_waiting_connections_keep_nobody_out(port: int) -> None:
    async with AsyncExitStack() as stack:
        for number in range(30):
            waiting = await stack.enter_async_context(Client(port))
            if number % 2:
                await waiting.say(b"GET / HTTP/1.1\r\nHost:")
        async with Client(port) as client:
            assert await (await client.say(WHOLE)).hear() == (200, b"0")


async def test_where_all_are_at_work_the_next_is_told_so(port: int) -> None:
    async with AsyncExitStack() as stack:
        busy = [await stack.enter_async_context(Client(port)) for _ in range(Impatient.most)]
        for each in busy:
            await each.say(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        await asyncio.sleep(0.1)
        async with Client(port) as late:
            status, body = await late.hear()
            assert (status, json.loads(body)["code"]) == (503, "unavailable")
        assert [await each.hear() for each in busy] == [(200, b"0")] * len(busy)


def test_half_of_the_descriptors_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    for descriptors, most in ((256, 128), (1024, 512), (1_000_000, CONNECTIONS_MOST)):
        monkeypatch.setattr("resource.getrlimit", lambda _, soft=descriptors: (soft, soft))
        assert most_connections() == most


def test_the_documented_option_names_the_class() -> None:
    config = uvicorn.Config(echo, http="shared.runtime.bounded_http:BoundedHttp")
    config.load()
    assert config.http_protocol_class is BoundedHttp
