"""An OTLP collector on this machine: keeps what is sent to it, over real HTTP."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.support.listening import free_port, listening


@dataclass(frozen=True)
class Span:
    """One span as it arrived."""

    service: str
    name: str
    span_id: bytes
    parent: bytes
    attributes: dict[str, str]


@dataclass
class Collector:
    """`bodies`: everything received, unpacked; `away` refuses it."""

    url: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    bodies: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.bodies.append(body)
        await Response(b"", 200, {"content-type": "application/x-protobuf"})(scope, receive, send)

    def traces(self) -> dict[bytes, list[Span]]:
        """All spans by trace id."""
        found: dict[bytes, list[Span]] = defaultdict(list)
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                told = {each.key: each.value.string_value for each in resource.resource.attributes}
                for scoped in resource.scope_spans:
                    for span in scoped.spans:
                        attributes = {
                            each.key: each.value.string_value or str(each.value.int_value)
                            for each in span.attributes
                        }
                        found[span.trace_id].append(
                            Span(told["service.name"], span.name, span.span_id,
                                 span.parent_span_id, attributes)
                        )  # fmt: skip
        return found

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Collector]:
        """Listen while the block runs."""
        async with listening(self, int(self.url.rsplit(":", 1)[1])):
            yield self
