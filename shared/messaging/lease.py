"""Who of several processes runs a loop that only one may run: a row with an end time."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from shared.db.engine import Database, insert_into
from shared.db.tables import CommonTables
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id

LEASE_SECONDS = 10.0


class Lease:
    """A named lease in the service's database.

    Machine time, not the business clock: a lease is about living processes. A frozen holder that
    wakes up late may act once more beside the new one; everything leased is safe to do twice.
    """

    def __init__(self, database: Database, tables: CommonTables, name: str) -> None:
        self._database = database
        self._table = tables.lease
        self._name = name
        self._clock = SystemClock()
        self.holder = f"{os.getpid()}-{new_id().hex[-12:]}"
        self._renew_from = self._elsewhere_until = self._clock.now()

    @property
    def is_elsewhere(self) -> bool:
        """Whether another process had it when we last asked, and it has not run out since."""
        return self._clock.now() < self._elsewhere_until

    async def hold(self) -> bool:
        """Take or keep the lease; False while another process has it.

        Those who wait only look, so that their asking costs the database no commit."""
        now = self._clock.now()
        if now < self._renew_from:
            return True
        self._elsewhere_until = await self._others_end(now)
        if now < self._elsewhere_until:
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
        self._renew_from = now + timedelta(seconds=LEASE_SECONDS / 2) if mine else now
        return mine

    async def _others_end(self, now: datetime) -> datetime:
        table = self._table.c
        async with self._database.reading() as session:
            until = await session.scalar(
                select(table.until).where(table.name == self._name, table.holder != self.holder)
            )
        return until or now

    async def release(self) -> None:
        """Give the lease back, so that a successor need not wait for its end."""
        async with self._database.writing() as session:
            await session.execute(
                update(self._table)
                .where(self._table.c.name == self._name, self._table.c.holder == self.holder)
                .values(until=self._clock.now() - timedelta(seconds=1))
            )
        self._renew_from = self._clock.now()


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
