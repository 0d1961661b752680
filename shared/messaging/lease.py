"""Who of several processes runs a loop that only one may run: a row with an end time."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from shared.db.engine import DATABASE_NOW, Database, insert_into
from shared.db.tables import CommonTables
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import new_id

LEASE_SECONDS = 10.0


class Lease:
    """A named lease in the service's database.

    Its end is told and judged by the database's clock, the only one that all processes share; each
    process measures by its monotonic clock how long it may rely on what it last heard. So neither
    a wrong wall clock nor a step of it gives a lease to two or keeps it from all. The business
    clock has no part in it: a lease is about living processes. A frozen holder that wakes up late
    may act once more beside the new one; everything leased is safe to do twice.
    """

    def __init__(
        self, database: Database, tables: CommonTables, name: str, *, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._table = tables.lease
        self._name = name
        self._clock = clock or SystemClock()
        self.holder = f"{os.getpid()}-{new_id().hex[-12:]}"
        self._renew_from = self._elsewhere_until = self._clock.monotonic()

    @property
    def is_elsewhere(self) -> bool:
        """Whether another process had it when we last asked, and it has not run out since."""
        return self._clock.monotonic() < self._elsewhere_until

    async def hold(self) -> bool:
        """Take or keep the lease; False while another process has it.

        Those who wait only look, so that their asking costs the database no commit."""
        asked = self._clock.monotonic()
        if asked < self._renew_from:
            return True
        now, others_end = await self._look()
        self._elsewhere_until = asked + (others_end - now).total_seconds()
        if now < others_end:
            return False
        until = now + timedelta(seconds=LEASE_SECONDS)
        values = {"holder": self.holder, "until": until, "beat_at": now}
        async with self._database.writing() as session:
            await session.execute(
                insert_into(session, self._table)
                .values(name=self._name, **values)
                .on_conflict_do_nothing()
            )
            held = await session.execute(
                update(self._table)
                .where(self._table.c.name == self._name)
                .where(or_(self._table.c.holder == self.holder, self._table.c.until < now))
                .values(**values)
                .returning(self._table.c.name)
            )
            mine = held.first() is not None
        self._renew_from = asked + LEASE_SECONDS / 2 if mine else asked
        return mine

    async def _look(self) -> tuple[datetime, datetime]:
        """The database's time, and when another's lease ends (now where there is none)."""
        table = self._table.c
        others_end = select(table.until).where(
            table.name == self._name, table.holder != self.holder
        )
        async with self._database.reading() as session:
            found = await session.execute(select(DATABASE_NOW, others_end.scalar_subquery()))
        now, until = found.one()
        return now, until or now

    async def release(self) -> None:
        """Give the lease back, so that a successor need not wait for its end."""
        now, _ = await self._look()
        async with self._database.writing() as session:
            await session.execute(
                update(self._table)
                .where(self._table.c.name == self._name, self._table.c.holder == self.holder)
                .values(until=now - timedelta(seconds=1))
            )
        self._renew_from = self._clock.monotonic()


async def free_all(database: Database, tables: CommonTables) -> None:
    """End every lease. Only for who knows that no other process lives: the holder of the lock of
    a data folder, whose predecessor was killed and gave nothing back."""
    async with database.writing() as session:
        now = SystemClock().now()
        await session.execute(
            update(tables.lease)
            .where(tables.lease.c.until >= now)  # none after a clean stop: nothing is written
            .values(until=now - timedelta(seconds=1))
        )
