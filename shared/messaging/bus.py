"""What the house asks of a message bus; two fulfil it: in-process and RabbitMQ."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

Sink = Callable[[Sequence[bytes]], Awaitable[None]]
"""Stores raw envelopes durably; returning means they may be acknowledged."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event as the relay hands it over."""

    id: UUID
    type: str
    body: str
    lane: int = 0


@dataclass(slots=True)
class Published:
    """What became of a batch: ids safely at the bus, and the reason for each that is not."""

    confirmed: set[UUID] = field(default_factory=set)
    failed: dict[UUID, str] = field(default_factory=dict)


class Bus(Protocol):
    """Carries every event at least once to every consumer that asked for its type."""

    async def publish(self, batch: Sequence[Outgoing]) -> Published:
        """Hand over a batch; never raises for a bus that is down, reports it per event."""

    def subscribe(self, consumer: str, types: frozenset[str], sink: Sink) -> None:
        """Deliver all events of `types` to `sink`; call before `start`."""

    async def start(self) -> None:
        """Begin to work; returns at once even when the broker is down."""

    async def stop(self) -> None:
        """Finish the deliveries under way and let go."""

    @property
    def is_ready(self) -> bool:
        """Whether publishing and receiving work right now."""
