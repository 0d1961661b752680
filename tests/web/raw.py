"""One request spoken to an app in bare ASGI messages: what no well-behaved client would send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Headers = Sequence[tuple[bytes, bytes]]
JSON_TYPE = (b"content-type", b"application/json")


@dataclass(frozen=True)
class Answer:
    """What came back; `status` is 0 when the app gave no answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def send(
    app: Any,
    method: str,
    path: str,
    *parts: bytes,
    headers: Headers = (JSON_TYPE,),
    query: bytes = b"",
    cut_off: bool = False,
    stall: bool = False,
) -> Answer:
    """Send the parts of a body as chunks; then end it, break off, or fall silent for ever."""
    incoming: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if cut_off:
        incoming.append({"type": "http.disconnect"})
    elif not stall:
        incoming.append({"type": "http.request", "body": b"", "more_body": False})
    outgoing: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop(0)
        if stall:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def collect(message: dict[str, Any]) -> None:
        outgoing.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    await app(scope, receive, collect)
    start = next((m for m in outgoing if m["type"] == "http.response.start"), None)
    body = b"".join(m.get("body", b"") for m in outgoing if m["type"] == "http.response.body")
    if start is None:
        return Answer(0, {}, body)
    named = {key.decode().lower(): value.decode() for key, value in start["headers"]}
    return Answer(start["status"], named, body)
