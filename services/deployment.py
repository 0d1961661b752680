"""All four services as one deployment: migrations, broker topology."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.analytics.main import SPEC as ANALYTICS
from services.intake.main import SPEC as INTAKE
from services.routing.main import SPEC as ROUTING
from services.supervision.main import SPEC as SUPERVISION
from shared.kernel.errors import Invalid
from shared.kernel.private import close_to_others
from shared.messaging.factory import (
    declare_topology,
    has_broker,
    remove_queues,
    waiting_messages,
)
from shared.messaging.topology import Topology
from shared.runtime.installation import (
    bind_keys,
    refuse_lost_issuer,
    set_aside,
    whole_deployment,
)
from shared.runtime.lanes import lanes_before
from shared.runtime.marks import Marks
from shared.runtime.migrate import migrate_service, note
from shared.runtime.service import ServiceSpec, make_issuer
from shared.runtime.settings import Settings

SPECS: Sequence[ServiceSpec] = (INTAKE, ROUTING, SUPERVISION, ANALYTICS)


def topology(settings: Settings, *, lanes: int | None = None) -> Topology:
    """What the broker must have for these services."""
    return Topology(
        settings.bus_namespace,
        {spec.subscriptions.consumer: spec.subscriptions.types for spec in SPECS},
        lanes or settings.lanes,
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
    before = await _topology_before(settings)
    for spec in SPECS:
        await migrate_service(spec, settings, deployment=deployment)
        if settings.may_make_keys:
            marks.leave(spec.name, deployment)
    if settings.may_make_keys and with_keys:
        await bind_keys(SPECS, settings)
    if settings.may_make_keys:
        close_to_others(settings.data_dir)
    await _settle_broker(settings, before)


async def _settle_broker(settings: Settings, before: Topology) -> None:
    """Declare what the broker needs, and take away queues of lanes that are no more."""
    now = topology(settings)
    await declare_topology(settings.bus_url, now)
    await remove_queues(settings.bus_url, sorted(set(before.queues()) - set(now.queues())))
    if has_broker(settings.bus_url):
        for spec in SPECS:
            mark = now.mark(spec.subscriptions.consumer)
            await note(spec, settings, key="queue_mark", value=mark)


async def _topology_before(settings: Settings) -> Topology:
    """What the broker has had. Raises Invalid while queues hold messages that were sent by another
    number of lanes: what is sent afterwards could overtake them."""
    before = topology(settings, lanes=await lanes_before(SPECS, settings))
    waiting = 0
    if before.lanes != settings.lanes:
        waiting = await waiting_messages(settings.bus_url, before)
    if waiting:
        raise Invalid(
            f"消息队列中还有 {waiting} 条消息，不能改变通道数：以原来的 XINFANG_LANES 启动服务，"
            "待其处理完毕后停止，再执行 xinfang migrate"
        )
    return before
