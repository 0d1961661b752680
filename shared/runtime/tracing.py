"""Whether traces are made at all: without a collector nothing of it is even imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.runtime.settings import Settings

if TYPE_CHECKING:
    from shared.runtime.spans import Tracing


def make_tracing(settings: Settings, service: str) -> Tracing | None:
    """Where a collector is named, the spans of one service; its libraries are optional.

    Raises ValueError when they are not installed."""
    if not settings.otlp_endpoint:
        return None
    try:
        from shared.runtime.spans import Tracing  # noqa: PLC0415  # lazy: optional libraries
    except ModuleNotFoundError as error:
        raise ValueError("XINFANG_OTLP_ENDPOINT needs the extra `otlp` to be installed") from error
    return Tracing(service=service, endpoint=settings.otlp_endpoint, share=settings.trace_share)
