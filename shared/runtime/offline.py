"""A change of one service's database by a command, without its process: rows, audit and events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select

from shared.db.editions import load_reference
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from shared.runtime.making import make_clock
from shared.runtime.service_spec import ServiceSpec
from shared.runtime.settings import Settings


@asynccontextmanager
async def unit_of(spec: ServiceSpec, settings: Settings) -> AsyncIterator[UnitOfWork]:
    """A unit of work on a migrated database; its events go out when the service runs.

    Raises ValueError when the database is not migrated."""
    database = Database(settings.database(spec.name), pool_size=2)
    units = UnitOfWorkFactory(
        database=database,
        tables=spec.tables,
        clock=make_clock(settings),
        service=spec.name,
        on_commit=_nobody_waits,
        on_posts_changed=_nobody_waits,
        on_audit=_nobody_waits,
    )
    try:
        async with database.reading() as session:
            meta = spec.tables.meta
            found = await session.execute(select(meta.c.key, meta.c.value))
            kept = {row.key: row.value for row in found}
            units.epoch = int(kept.get("epoch", "1"))
            units.lanes = int(kept.get("lanes", "1"))
            units.reference = await load_reference(
                session, spec.tables, on=units.clock.today(), root_division=kept["root_division"]
            )
        async with units.begin() as uow:
            yield uow
    finally:
        await database.close()


def _nobody_waits() -> None:
    """No loop of this process to wake."""
