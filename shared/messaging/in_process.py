"""The bus without a broker: publishing stores the envelope in each consumer's inbox (decisions 13).

As harsh as the broker on purpose: JSON there and back, a copy per consumer, no call of a handler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.messaging.bus import Outgoing, Published, Sink

STORE_SECONDS = 5.0
"""How long one consumer may take to store; as long as a broker may take to confirm."""


class InProcessBus:
    """Delivers within one process; nothing is kept here, so a crash loses nothing."""

    def __init__(self) -> None:
        self._consumers: dict[str, tuple[frozenset[str], Sink]] = {}

    def subscribe(self, consumer: str, types: frozenset[str], sink: Sink) -> None:
        """See Bus.subscribe."""
        self._consumers[consumer] = (types, sink)

    async def publish(self, batch: Sequence[Outgoing]) -> Published:
        """Store the batch at every consumer; an event counts as published when all have it.

        All at the same time: who stores slowly or not at all keeps nothing from the others."""
        result = Published(confirmed={event.id for event in batch})
        wanted = {
            consumer: [event for event in batch if event.type in types]
            for consumer, (types, _) in self._consumers.items()
        }
        asked = [consumer for consumer, events in wanted.items() if events]
        reasons = await asyncio.gather(
            *(_store(self._consumers[each][1], wanted[each]) for each in asked)
        )
        for consumer, reason in zip(asked, reasons, strict=True):
            if reason:
                for event in wanted[consumer]:
                    result.failed[event.id] = f"{consumer}: {reason}"
        reached = {event.id for events in wanted.values() for event in events}
        result.failed |= {event.id: "unroutable" for event in batch if event.id not in reached}
        result.confirmed -= result.failed.keys()
        return result

    async def start(self) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Nothing under way: every delivery was stored before publish returned."""

    @property
    def is_ready(self) -> bool:
        """Always."""
        return True


async def _store(sink: Sink, events: Sequence[Outgoing]) -> str | None:
    """Let one consumer keep its events; None when it has them, else the reason."""
    try:
        async with asyncio.timeout(STORE_SECONDS):
            await sink([event.body.encode() for event in events])
    except Exception as error:  # noqa: BLE001  one consumer's trouble is not another's
        return type(error).__name__
    return None
