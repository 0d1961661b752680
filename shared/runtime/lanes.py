"""The number of lanes a database was migrated for, and going over to another one.

What is not handled yet gets the lanes of the new number, so nothing overtakes what was there
before. That is safe only while no process sends or handles by the old number.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import Envelope
from shared.db.engine import DATABASE_NOW, Database, insert_into
from shared.db.failures import is_not_migrated
from shared.db.tables import CommonTables, not_done
from shared.kernel.errors import Invalid
from shared.kernel.lanes import lane_of
from shared.runtime.service_spec import ServiceSpec
from shared.runtime.settings import Settings

KEY = "lanes"
PAGE_ROWS = 1000


async def lanes_before(specs: Sequence[ServiceSpec], settings: Settings) -> int:
    """The highest number of lanes a database of these services was migrated for; 1 where none
    says it."""
    found = [1]
    for spec in specs:
        database = Database(settings.database(spec.name), pool_size=1)
        try:
            async with database.reading() as session:
                found.append(await _kept(session, spec.tables))
        except Exception as error:
            if not is_not_migrated(error):
                raise
        finally:
            await database.close()
    return max(found)


async def settle_lanes(database: Database, spec: ServiceSpec, lanes: int) -> None:
    """Go over to a number of lanes, where it is another one. Raises Invalid while a process of the
    service lives, or while something waits that was recorded without a partition key."""
    tables = spec.tables
    async with database.writing() as session:
        if await _kept(session, tables) != lanes:
            await _refuse_living(session, tables, spec.name)
            inbox, outbox = tables.inbox, tables.outbox
            for table, is_open in (
                (inbox, not_done(inbox)),
                (outbox, outbox.c.published_at.is_(None)),
            ):
                await _move(session, table, is_open, lanes, service=spec.name)
        await session.execute(
            insert_into(session, tables.meta)
            .values(key=KEY, value=str(lanes))
            .on_conflict_do_update(index_elements=["key"], set_={"value": str(lanes)})
        )


async def _kept(session: AsyncSession, tables: CommonTables) -> int:
    value = await session.scalar(select(tables.meta.c.value).where(tables.meta.c.key == KEY))
    return int(value or 1)


async def _refuse_living(session: AsyncSession, tables: CommonTables, service: str) -> None:
    lease = tables.lease
    now = await session.scalar(select(DATABASE_NOW))
    living = await session.scalar(select(lease.c.name).where(lease.c.until > now).limit(1))
    if living is not None:
        raise Invalid(f"{service} 还在运行，不能改变通道数：停止全部服务，十秒后再执行")


async def _move(
    session: AsyncSession, table: Table, is_open: ColumnElement[bool], lanes: int, *, service: str
) -> None:
    """Give open rows their lanes, page by page; parked ones too, since they may be taken up."""
    position = 0
    while True:
        found = await session.execute(
            select(table.c.position, table.c.type, table.c.envelope)
            .where(is_open, table.c.position > position)
            .order_by(table.c.position)
            .limit(PAGE_ROWS)
        )
        rows = found.all()
        if not rows:
            return
        position = rows[-1].position
        moved = []
        for row in rows:
            if row.type == "?":
                continue  # no envelope at all: never taken up
            envelope = Envelope.parse(row.envelope)
            if envelope.partitionkey is None:
                raise Invalid(
                    f"{service} 还有升级以前的事件没有发出、处理或者搁置，不能改变通道数："
                    "先以一条通道运行，处理完搁置事件（xinfang parked）后停止，再执行"
                )
            moved.append({"at": row.position, "to": lane_of(envelope.partitionkey, lanes)})
        if moved:
            connection = await session.connection()
            await connection.execute(
                update(table)
                .where(table.c.position == bindparam("at"))
                .values(lane=bindparam("to")),
                moved,
            )
