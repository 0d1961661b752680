"""Names of what exists on the broker, declared by the migrate job (decision 0064)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from shared.kernel.lanes import in_lane


@dataclass(frozen=True, slots=True)
class Topology:
    """All broker objects of one deployment; `namespace` keeps several apart on one broker."""

    namespace: str
    consumers: dict[str, frozenset[str]]
    lanes: int = 1

    @property
    def exchange(self) -> str:
        """The one topic exchange; routing key = event type, in other lanes than 0 with the lane."""
        return f"{self.namespace}.events"

    @property
    def dead_exchange(self) -> str:
        """Where the broker itself puts what it gives up on: a second net, normally empty."""
        return f"{self.namespace}.dead"

    def queue(self, consumer: str, lane: int = 0) -> str:
        """Name of a consumer's queue in a lane."""
        return in_lane(f"{self.namespace}.{consumer}", lane)

    def queues(self) -> list[str]:
        """Names of all consumers' queues in all lanes."""
        names = sorted(self.consumers)
        return [self.queue(each, lane) for each in names for lane in range(self.lanes)]

    def queue_arguments(self) -> dict[str, Any]:
        """Arguments of every consumer queue; they never change once declared.

        At-least-once dead-lettering needs all of: quorum, reject-publish, that strategy."""
        return {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-overflow": "reject-publish",
            "x-delivery-limit": 50,
            "x-dead-letter-exchange": self.dead_exchange,
            "x-dead-letter-strategy": "at-least-once",
        }

    def mark(self, consumer: str) -> str:
        """Digest of what a consumer's queue must be like.

        The migrate job proves it to the broker and leaves it in the consumer's database: a
        service has no right to ask the broker, and refuses to start when the marks differ."""
        told: list[Any] = [self.queue(consumer), self.queue_arguments()]
        told += [self.lanes] if self.lanes > 1 else []
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
