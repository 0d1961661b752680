"""What an operator watches of every service: outbox, inbox, loops, readiness."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from shared.web.metrics import Gauge

if TYPE_CHECKING:
    from shared.runtime.service import Service


def store_gauges(service: Service) -> Iterable[Gauge]:
    """What is told even where the database can't be read."""
    meaning = "Whether a read met a damaged store that nobody has mended since"
    return [Gauge("xinfang_store_damaged", meaning, float(service.database.damage is not None))]


async def common_gauges(service: Service) -> Iterable[Gauge]:
    """The gauges every service has, then its own. Raises when its database does not answer."""
    unsent, age = await service.relay.lag()
    states = await service.unsettled()
    reasons = await service.not_ready()
    found = [
        Gauge("xinfang_ready", "Whether /ready says yes", float(not reasons)),
        Gauge("xinfang_bus_ready", "Whether the bus is connected", float(service.bus.is_ready)),
        Gauge("xinfang_outbox_unsent", "Events not yet published", unsent),
        Gauge("xinfang_outbox_oldest_seconds", "Age of the oldest unsent event", age),
        Gauge(
            "xinfang_audit_unsealed_seconds",
            "Age of the oldest audit row that could still be changed unnoticed",
            await service.audit_unsealed_seconds(),
        ),
    ]
    if service.tokens.keys_age < float("inf"):
        meaning = "Since the issuer of tokens showed its keys"
        found.append(Gauge("xinfang_token_keys_age_seconds", meaning, service.tokens.keys_age))
    found += [
        Gauge("xinfang_inbox_events", "Received events by state", states[state], {"state": state})
        for state in ("new", "held", "parked")
    ]
    found += [
        Gauge(
            "xinfang_worker_failing",
            "Whether a loop failed last time or ended",
            float(bool(worker.error) or not worker.is_alive),
            {"worker": worker.name},
        )
        for worker in service.workers
    ]
    found += [
        Gauge(
            "xinfang_events_removed",
            "Events removed by age since the process began",
            count,
            {"table": table},
        )
        for table, count in service.retention.removed.items()
    ]
    for read in service.spec.gauges:
        found += await read(service)
    return found
