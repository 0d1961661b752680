"""What a service checks before it starts, and how long it waits for what may be late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.db.editions import NotMigrated
from shared.db.engine import Database, is_not_migrated, is_unavailable
from shared.kernel.errors import kind_and_place
from shared.messaging.factory import has_broker
from shared.messaging.topology import Topology
from shared.runtime.settings import Settings

log = structlog.get_logger()

WAITS_SECONDS = (0.2, 0.5, 1.0, 2.0, 3.0, 3.0, 5.0, 5.0, 5.0)
"""Half a minute in all; then the process ends, and what started it may start it again."""


class UnsafeToStart(RuntimeError):
    """Under these settings data could be lost or go astray; the service stays down."""


async def refuse_unsafe(database: Database) -> None:
    """Raise UnsafeToStart when the database may lose a commit that was answered (P11)."""
    if faults := await database.unsafe_settings():
        raise UnsafeToStart(f"the database may lose commits: {', '.join(faults)}")


def refuse_other_queue(settings: Settings, consumer: str, migrated: str) -> None:
    """Raise UnsafeToStart when the queue was migrated with other arguments than this code's.

    A deployment without a broker has no queue and no mark."""
    if not has_broker(settings.bus_url) or not migrated:
        return
    if Topology(settings.bus_namespace, {}).mark(consumer) != migrated:
        raise UnsafeToStart("the queue was declared with other arguments: run `xinfang migrate`")


async def wait_until_there(prepare: Callable[[], Awaitable[None]], *, service: str) -> None:
    """Call `prepare` until it succeeds, while the database is away or not migrated yet.

    So services, databases and the migrate job may start in any order. Raises the last error when
    that takes too long, and any other error at once."""
    for wait in WAITS_SECONDS:
        try:
            await prepare()
        except Exception as error:
            late = is_unavailable(error) or is_not_migrated(error)
            if not late and not isinstance(error, NotMigrated):
                raise
            log.warning("service.waits", service=service, error=kind_and_place(error))
        else:
            return
        await asyncio.sleep(wait)
    await prepare()
