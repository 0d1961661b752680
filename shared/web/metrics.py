"""Counting requests, a log line for each, and `/metrics` for Prometheus: a plain ASGI middleware,
no identity anywhere.

Labels are route templates, methods and status classes; never a path, a person, a number or a text.
`/metrics` is answered here and not by a route: it is for the operator's own network, the gateway
does not lead to it.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.errors import kind_and_place

log = structlog.get_logger()

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds in seconds."""
UNMATCHED: Final = "unmatched"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Key = tuple[str, str, str]
"""Method, route template, status."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure read at the moment of asking; `labels` tell several of one name apart."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Durations:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0


class RequestMetrics:
    """Wraps an app; `gauges` reads a service's own figures when Prometheus asks, `always` the ones
    that need no database."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        gauges: Callable[[], Awaitable[Iterable[Gauge]]],
        always: Callable[[], Iterable[Gauge]] = tuple,
    ) -> None:
        self._app = app
        self._always = always
        self._service = service
        self._gauges = gauges
        self._requests: dict[Key, _Durations] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == "/metrics":
            await (await self._exposition())(scope, receive, send)
            return
        status = 500

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.monotonic()
        try:
            await self._app(scope, receive, seen)
        finally:
            seconds = time.monotonic() - began
            method, route = scope["method"], template(scope)
            self._note((method, route, str(status)), seconds)
            log.info(
                "web.answered", method=method, route=route, status=status,
                milliseconds=round(1000 * seconds, 1),
            )  # fmt: skip

    def _note(self, key: Key, seconds: float) -> None:
        durations = self._requests.get(key)
        if durations is None:
            durations = self._requests[key] = _Durations()
        durations.counts[bisect_left(BUCKETS, seconds)] += 1
        durations.total += seconds

    async def _exposition(self) -> PlainTextResponse:
        try:
            gauges, is_up = list(await self._gauges()), 1.0
        except Exception as error:  # noqa: BLE001  a service in trouble still tells what it can
            log.warning("metrics.no_figures", error=kind_and_place(error))
            gauges, is_up = [], 0.0
        gauges += self._always()
        gauges.append(Gauge("xinfang_figures_read", "Whether the database told its figures", is_up))
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Once([*self._families(), *_families_of(gauges, self._service)]))
        return PlainTextResponse(generate_latest(registry), headers={"content-type": CONTENT_TYPE})

    def _families(self) -> Iterable[Metric]:
        names = ("service", "method", "route", "status")
        requests = CounterMetricFamily("xinfang_requests", "Answered requests", labels=names)
        times = HistogramMetricFamily(
            "xinfang_request_seconds", "Time to the end of the answer", labels=names[:3]
        )
        by_route: dict[tuple[str, str], _Durations] = {}
        for (method, route, status), durations in sorted(self._requests.items()):
            requests.add_metric((self._service, method, route, status), sum(durations.counts))
            merged = by_route.setdefault((method, route), _Durations())
            merged.total += durations.total
            merged.counts = [a + b for a, b in zip(merged.counts, durations.counts, strict=True)]
        for (method, route), durations in by_route.items():
            times.add_metric(
                (self._service, method, route), _cumulative(durations.counts), durations.total
            )
        return requests, times


class _Once(Collector):
    """Hands families that were read already to a registry."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The families."""
        return self._families


def template(scope: Scope) -> str:
    """The matched route's whole template; requests that met no route are one line."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(context or scope.get("route"), "path", UNMATCHED))


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    bounds, total, result = [*map(str, BUCKETS), "+Inf"], 0, []
    for bound, count in zip(bounds, counts, strict=True):
        total += count
        result.append((bound, float(total)))
    return result


def _families_of(gauges: Iterable[Gauge], service: str) -> Iterable[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    for gauge in gauges:
        family = families.get(gauge.name)
        if family is None:
            labels = ("service", *gauge.labels)
            family = families[gauge.name] = GaugeMetricFamily(
                gauge.name, gauge.meaning, labels=labels
            )
        family.add_metric((service, *gauge.labels.values()), gauge.value)
    return families.values()
