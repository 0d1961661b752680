"""From URL to bus: the only place that knows the schemes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from shared.messaging.bus import Bus
from shared.messaging.in_process import InProcessBus
from shared.messaging.topology import Topology

_BROKER = frozenset({"amqp", "amqps"})


def make_bus(url: str, namespace: str, *, on_ready: Callable[[], None], lanes: int = 1) -> Bus:
    """The bus a URL names. Raises ValueError for a scheme nobody knows."""
    scheme = urlsplit(url).scheme
    if scheme == "memory":
        return InProcessBus()
    if scheme in _BROKER:
        from shared.messaging.rabbitmq import RabbitBus  # noqa: PLC0415  # lazy: broker

        return RabbitBus(url, namespace, on_ready=on_ready, lanes=lanes)
    raise ValueError(f"no bus for the scheme {scheme!r}")


def has_broker(url: str) -> bool:
    """Whether a URL names a broker with queues, users and rights of its own."""
    return urlsplit(url).scheme in _BROKER


async def declare_topology(url: str, topology: Topology) -> None:
    """Declare what a broker needs; nothing where there is none.

    Raises QueueDiffers when a queue exists with other arguments."""
    if has_broker(url):
        from shared.messaging.rabbitmq import declare  # noqa: PLC0415  # lazy: broker

        await declare(url, topology)


async def remove_queues(url: str, names: Sequence[str]) -> None:
    """Delete queues that nothing is sent to any more; nothing where there is no broker."""
    if has_broker(url) and names:
        from shared.messaging.rabbitmq import delete_queues  # noqa: PLC0415  # lazy: broker

        await delete_queues(url, names)


async def waiting_messages(url: str, topology: Topology) -> int:
    """Messages that lie in the broker's queues; 0 where there is no broker."""
    if has_broker(url):
        from shared.messaging.rabbitmq import queue_depths  # noqa: PLC0415  # lazy: broker

        return sum((await queue_depths(url, topology)).values())
    return 0
