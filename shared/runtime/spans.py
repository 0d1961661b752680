"""Spans of requests and of handled events, exported by OTLP over HTTP; one trace per cause.

A span holds ids, types, route templates and statuses; never a path, a query, a header, a body, an
error's message or anything else that a client chose. So a `traceparent` from outside is not
believed either: a request begins its own trace. Imported only where an endpoint is set.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.envelope import Envelope
from shared.kernel.tracing import TRACEPARENT
from shared.web.metrics import template

EXPORT_SECONDS = 5.0
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FAILED = 500
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Tracing:
    """The spans of one service; `stop` sends what is left."""

    def __init__(self, *, service: str, endpoint: str, share: float) -> None:
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource({"service.namespace": "xinfang", "service.name": service}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, export_timeout_millis=EXPORT_SECONDS * 1000)
        )
        self._tracer = self._provider.get_tracer("xinfang")

    @contextmanager
    def span(
        self, name: str, kind: SpanKind, *, parent: str | None, **attributes: str | int
    ) -> Iterator[trace.Span]:
        """A span, under which events recorded carry its context."""
        span = self._tracer.start_span(
            name,
            context=_context(parent),
            kind=kind,
            attributes={key.replace("__", "."): value for key, value in attributes.items()},
        )
        token = TRACEPARENT.set(_traceparent(span.get_span_context()))
        try:
            yield span
        except BaseException as error:
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", type(error).__qualname__)
            raise
        finally:
            TRACEPARENT.reset(token)
            span.end()

    @contextmanager
    def handling(self, envelopes: Sequence[Envelope]) -> Iterator[None]:
        """A span per event handled together, each in its own event's trace. What the reaction
        records belongs to the last one, as its correlation id does."""
        with ExitStack() as spans:
            for each in envelopes:
                spans.enter_context(
                    self.span(
                        f"process {each.type}",
                        SpanKind.CONSUMER,
                        parent=each.traceparent,
                        messaging__operation__type="process",
                        messaging__message__id=str(each.id),
                        xinfang__subject=each.subject,
                    )
                )
            yield

    def requests(self, app: ASGIApp) -> ASGIApp:
        """The middleware that makes a span per request."""
        return TracedRequests(app, tracing=self)

    async def stop(self) -> None:
        """Send what is left; the exporter waits in a thread of its own."""
        await asyncio.to_thread(self._provider.shutdown)


class TracedRequests:
    """Plain ASGI middleware: a span per request."""

    def __init__(self, app: ASGIApp, *, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        with self._tracing.span(
            method, SpanKind.SERVER, parent=None, http__request__method=method
        ) as span:

            async def seen(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= FAILED:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            trace_id = format(span.get_span_context().trace_id, "032x")
            with structlog.contextvars.bound_contextvars(trace_id=trace_id):
                try:
                    await self._app(scope, receive, seen)
                finally:
                    route = template(scope)
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)


def _traceparent(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def _context(parent: str | None) -> Context | None:
    """The context an event carried; an empty one, hence a new trace, for none or a damaged one."""
    found = _TRACEPARENT.fullmatch(parent or "")
    if found is None:
        return Context()
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    remote = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return trace.set_span_in_context(NonRecordingSpan(remote), Context())
