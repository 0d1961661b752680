"""The bus without a broker: publishing stores the envelope in the inboxes (decision 0004).

As harsh as the broker on purpose: JSON there and back, a copy per consumer, no call of a handler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.messaging.bus import Outgoing, Published, Sink

STORE_SECONDS = 5.0
"""How long the others wait for one consumer; as long as a broker may take to confirm."""


class InProcessBus:
    """Delivers within one process; nothing is kept here, so a crash loses nothing."""

    def __init__(self) -> None:
        self._consumers: dict[str, tuple[frozenset[str], Sink]] = {}
        self._late: dict[str, asyncio.Future[None]] = {}

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
            *(self._store(each, [event.body.encode() for event in wanted[each]]) for each in asked)
        )
        for consumer, reason in zip(asked, reasons, strict=True):
            if reason:
                for event in wanted[consumer]:
                    result.failed[event.id] = f"{consumer}: {reason}"
        reached = {event.id for events in wanted.values() for event in events}
        result.failed |= {event.id: "unroutable" for event in batch if event.id not in reached}
        result.confirmed -= result.failed.keys()
        return result

    async def _store(self, consumer: str, raw: Sequence[bytes]) -> str | None:
        """Let one consumer keep what it asked for; None when it has it, else the reason.

        Storing that takes too long goes on, and nothing more is given until it has ended: the
        relay comes again, and what is stored twice is kept once."""
        late = self._late.get(consumer)
        if late and not late.done():
            return "still storing"
        storing = asyncio.ensure_future(self._consumers[consumer][1](raw))
        await asyncio.wait({storing}, timeout=STORE_SECONDS)
        if not storing.done():
            storing.add_done_callback(_reason)
            self._late[consumer] = storing
            return "still storing"
        return _reason(storing)

    async def start(self) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Wait a little for those who were late; what they did not get is still unsent."""
        late = [each for each in self._late.values() if not each.done()]
        if late:
            await asyncio.wait(late, timeout=STORE_SECONDS)

    @property
    def is_ready(self) -> bool:
        """Always."""
        return True


def _reason(storing: asyncio.Future[None]) -> str | None:
    """Why a consumer did not store; None when it did."""
    if storing.cancelled():
        return "cancelled"
    error = storing.exception()
    return type(error).__name__ if error else None
