"""Which trace the work under way belongs to; nothing, unless traces are exported."""

from __future__ import annotations

from contextvars import ContextVar

TRACEPARENT: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""W3C `traceparent` of the span under way: goes into every event recorded under it."""
