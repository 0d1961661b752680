"""Copies of an embedded deployment, and what a restored database must forget.

A restored copy is in the past: events it recorded later are at their consumers already, and what
it records from now on would bear sequences those consumers have seen. So a restore raises the
epoch above every epoch there can have been, and no row of the old outbox is ever sent again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, select, update

from shared.db.engine import Database, insert_into
from shared.kernel.clock import SystemClock
from shared.messaging.bus import Bus
from shared.runtime.service import Service, ServiceSpec
from shared.runtime.settings import Settings

FIRST_EPOCH_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""Epochs of restores count seconds from here: two restores of one copy never share an epoch."""


async def forget_the_past(database: Database, spec: ServiceSpec) -> int:
    """Make one restored database fit to go on; returns its new epoch.

    The epoch is raised, every event in the outbox counts as published, leases are free. Whatever
    a consumer truly lacks it finds by the hourly digest and fetches from the event feed."""
    tables, now = spec.tables, SystemClock().now()
    async with database.writing() as session:
        kept = await session.scalar(select(tables.meta.c.value).where(tables.meta.c.key == "epoch"))
        epoch = max(int(kept or "1") + 1, int((now - FIRST_EPOCH_AT).total_seconds()))
        await session.execute(
            insert_into(session, tables.meta)
            .values(key="epoch", value=str(epoch))
            .on_conflict_do_update(index_elements=["key"], set_={"value": str(epoch)})
        )
        await session.execute(
            update(tables.outbox)
            .where(tables.outbox.c.published_at.is_(None))
            .values(published_at=now, reason="restored", next_attempt_at=None)
        )
        await session.execute(delete(tables.lease))
        await session.execute(
            insert_into(session, tables.meta)
            .values(key="restored_at", value=now.isoformat())
            .on_conflict_do_update(index_elements=["key"], set_={"value": now.isoformat()})
        )
    return epoch


async def hand_over(services: list[Service]) -> None:
    """Give every event still unsent to the restored consumers themselves.

    All copies are of one instant: these events were on their way between them, and nobody else
    can send them. `services` share one in-process bus and are not running."""
    for service in services:
        outbox, lease = service.tables.outbox, service.tables.lease
        async with service.database.writing() as session:
            await session.execute(delete(lease))  # whoever held it is gone
            await session.execute(
                update(outbox).where(outbox.c.published_at.is_(None)).values(next_attempt_at=None)
            )
    relays = [relay for service in services for relay in service.relays]
    while sum([await relay.work() for relay in relays]):
        pass


def restored_services(specs: list[ServiceSpec], settings: Settings, bus: Bus) -> list[Service]:
    """The services over a restored data folder, for `hand_over`."""
    return [Service(spec, settings, bus=bus) for spec in specs]


def keys_of(folder: Path) -> list[Path]:
    """The files of a data folder without which its databases are worth nothing."""
    return sorted(path for path in (folder / "keys").glob("*") if path.is_file())
