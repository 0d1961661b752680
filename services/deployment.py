"""All four services as one deployment: migrations, broker topology."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.analytics.main import SPEC as ANALYTICS
from services.intake.main import SPEC as INTAKE
from services.routing.main import SPEC as ROUTING
from services.supervision.main import SPEC as SUPERVISION
from shared.kernel.private import close_to_others
from shared.messaging.factory import declare_topology, has_broker
from shared.messaging.topology import Topology
from shared.runtime.installation import (
    bind_keys,
    refuse_lost_issuer,
    set_aside,
    whole_deployment,
)
from shared.runtime.marks import Marks
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


async def migrate(settings: Settings, *, new: Collection[str] = (), with_keys: bool = True) -> None:
    """Databases, reference data, broker objects and (embedded) keys, bound to their data.

    Nothing is made in place of what was there and is gone (UnsafeToStart, KeyRefused), but for the
    databases named in `new`. Without keys those that exist are left for the start to judge."""
    if settings.may_make_keys:
        close_to_others(settings.data_dir)
    deployment = await whole_deployment(SPECS, settings, new=new)
    for name in new:
        set_aside(settings, name)
    if settings.has_built_in_issuer and with_keys:
        refuse_lost_issuer(settings, SPECS)
        make_issuer(settings).key()
    marks = Marks(settings.data_dir)
    for spec in SPECS:
        await migrate_service(spec, settings, deployment=deployment)
        if settings.may_make_keys:
            marks.leave(spec.name, deployment)
    if settings.may_make_keys and with_keys:
        await bind_keys(SPECS, settings)
    if settings.may_make_keys:
        close_to_others(settings.data_dir)
    await declare_topology(settings.bus_url, topology(settings))
    if has_broker(settings.bus_url):
        for spec in SPECS:
            mark = topology(settings).mark(spec.subscriptions.consumer)
            await note(spec, settings, key="queue_mark", value=mark)
