"""The bus without a broker: publishing stores the envelope in each consumer's inbox (decisions 13).

As harsh as the broker on purpose: JSON there and back, a copy per consumer, no call of a handler.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.messaging.bus import Outgoing, Published, Sink


class InProcessBus:
    """Delivers within one process; nothing is kept here, so a crash loses nothing."""

    def __init__(self) -> None:
        self._consumers: dict[str, tuple[frozenset[str], Sink]] = {}

    def subscribe(self, consumer: str, types: frozenset[str], sink: Sink) -> None:
        """See Bus.subscribe."""
        self._consumers[consumer] = (types, sink)

    async def publish(self, batch: Sequence[Outgoing]) -> Published:
        """Store the batch at every consumer; an event counts as published when all have it."""
        result = Published(confirmed={event.id for event in batch})
        reached: set[str] = set()
        for consumer, (types, sink) in self._consumers.items():
            wanted = [event for event in batch if event.type in types]
            reached |= types
            if not wanted:
                continue
            try:
                await sink([event.body.encode() for event in wanted])
            except Exception as error:  # noqa: BLE001  one consumer's trouble is not another's
                for event in wanted:
                    result.failed[event.id] = f"{consumer}: {type(error).__name__}"
        for event in batch:
            if event.type not in reached:
                result.failed[event.id] = "unroutable"
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
