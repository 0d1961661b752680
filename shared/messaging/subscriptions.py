"""Which consumer reacts to which contract, and how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from shared.contracts.envelope import Envelope, EventData
from shared.db.unit_of_work import UnitOfWork

EventT = TypeVar("EventT", bound=EventData)
EventT_co = TypeVar("EventT_co", bound=EventData, covariant=True)


@dataclass(frozen=True, slots=True)
class Received(Generic[EventT_co]):
    """One event as a handler sees it."""

    envelope: Envelope
    data: EventT_co


Handler = Callable[[Received[Any], UnitOfWork], Awaitable[None]]
BatchHandler = Callable[[Sequence[Received[Any]], UnitOfWork], Awaitable[None]]


Around = Callable[[Sequence[Envelope]], AbstractContextManager[None]]
"""Entered around each reaction to events: traces."""
_NOTHING = nullcontext()


def untraced(_: Sequence[Envelope]) -> AbstractContextManager[None]:
    """Around a reaction whose trace nobody wants."""
    return _NOTHING


class NotYet(Exception):
    """A handler can't act before another event has come; the event is held and tried again."""


@dataclass(slots=True)
class Subscriptions:
    """The reactions of one consumer (one per service).

    `on` gives events one by one; `on_batch` gives all events of its types that are in a batch at
    once, in order, so that they can be folded. Both run inside the delivery's transaction: they
    never commit, acknowledge or catch what they can't mend.
    `contiguous` names (source, subject kind) streams where a gap in the sequence holds what
    follows; the consumer must then subscribe to every type of that stream. Everywhere else the
    rule is "higher wins", and handlers compare `envelope.rank`.
    """

    consumer: str
    contiguous: frozenset[tuple[str, str]] = frozenset()
    _single: dict[str, tuple[type[EventData], Handler]] = field(default_factory=dict)
    _batch: dict[str, tuple[type[EventData], BatchHandler]] = field(default_factory=dict)

    def on(
        self, *contracts: type[EventT]
    ) -> Callable[
        [Callable[[Received[EventT], UnitOfWork], Awaitable[None]]],
        Callable[[Received[EventT], UnitOfWork], Awaitable[None]],
    ]:
        """Register the decorated function for each event of these contracts."""

        def register(
            handler: Callable[[Received[EventT], UnitOfWork], Awaitable[None]],
        ) -> Callable[[Received[EventT], UnitOfWork], Awaitable[None]]:
            for contract in contracts:
                self._claim(contract)
                self._single[contract.TYPE] = (contract, handler)
            return handler

        return register

    def on_batch(
        self, *contracts: type[EventT]
    ) -> Callable[
        [Callable[[Sequence[Received[EventT]], UnitOfWork], Awaitable[None]]],
        Callable[[Sequence[Received[EventT]], UnitOfWork], Awaitable[None]],
    ]:
        """Register the decorated function for the batch of all events of these contracts."""

        def register(
            handler: Callable[[Sequence[Received[EventT]], UnitOfWork], Awaitable[None]],
        ) -> Callable[[Sequence[Received[EventT]], UnitOfWork], Awaitable[None]]:
            for contract in contracts:
                self._claim(contract)
                self._batch[contract.TYPE] = (contract, handler)
            return handler

        return register

    @property
    def types(self) -> frozenset[str]:
        """All event types this consumer wants: its queue's bindings."""
        return frozenset(self._single) | frozenset(self._batch)

    def read(self, envelope: Envelope) -> Received[EventData]:
        """The event as its contract. Raises pydantic.ValidationError or KeyError (unknown type)."""
        contract, _ = self._single.get(envelope.type) or self._batch[envelope.type]
        return Received(envelope, contract.model_validate(envelope.data))

    async def apply(
        self,
        events: Sequence[Received[EventData]],
        uow: UnitOfWork,
        around: Around = untraced,
    ) -> None:
        """Run every event through its reaction: single ones in order, then batches folded."""
        folded: dict[BatchHandler, list[Received[EventData]]] = {}
        for event in events:
            if single := self._single.get(event.envelope.type):
                uow.cause.correlation_id = event.envelope.correlationid
                uow.cause.causation_id = str(event.envelope.id)
                with around([event.envelope]):
                    await single[1](event, uow)
            else:
                folded.setdefault(self._batch[event.envelope.type][1], []).append(event)
        for handler, batch in folded.items():
            uow.cause.correlation_id = batch[-1].envelope.correlationid
            uow.cause.causation_id = str(batch[-1].envelope.id)
            with around([event.envelope for event in batch]):
                await handler(batch, uow)

    def _claim(self, contract: type[EventData]) -> None:
        if contract.TYPE in self.types:
            raise ValueError(f"{self.consumer} already reacts to {contract.TYPE}")
