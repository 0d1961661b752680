"""All four services as one deployment: migrations, broker topology."""

from __future__ import annotations

from collections.abc import Sequence

from services.analytics.main import SPEC as ANALYTICS
from services.intake.main import SPEC as INTAKE
from services.routing.main import SPEC as ROUTING
from services.supervision.main import SPEC as SUPERVISION
from shared.messaging.factory import declare_topology, has_broker
from shared.messaging.topology import Topology
from shared.runtime.migrate import migrate_service, note
from shared.runtime.service import ServiceSpec, make_issuer
from shared.runtime.settings import Settings

SPECS: Sequence[ServiceSpec] = (INTAKE, ROUTING, SUPERVISION, ANALYTICS)


def topology(settings: Settings) -> Topology:
    """What the broker must have for these services."""
    return Topology(
        settings.bus_namespace,
        {spec.subscriptions.consumer: spec.subscriptions.types for spec in SPECS},
    )


async def migrate(settings: Settings) -> None:
    """Databases, reference data, broker objects and (embedded) the issuer's key."""
    if settings.may_make_keys:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.has_built_in_issuer:
        make_issuer(settings).key()
    for spec in SPECS:
        await migrate_service(spec, settings)
    await declare_topology(settings.bus_url, topology(settings))
    if has_broker(settings.bus_url):
        for spec in SPECS:
            mark = topology(settings).mark(spec.subscriptions.consumer)
            await note(spec, settings, key="queue_mark", value=mark)
