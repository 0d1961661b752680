"""What both engines must keep alike: instants, durability, queueing writers, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table, func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from shared.db.engine import Database, insert_into, partial_index
from shared.db.failures import is_unavailable
from shared.db.types import UtcDateTime, new_metadata
from tests.messaging.toy import make_toy, migrate_toy
from tests.support.backends import SEPARATED, Backend

METADATA = new_metadata()
COUNTER = Table("counter", METADATA, Column("id", Integer, primary_key=True), Column("n", Integer))
MOMENT = Table(
    "moment",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("counter_id", ForeignKey(COUNTER.c.id)),
)
partial_index("ix_moment_at", "at IS NOT NULL", MOMENT.c.at)


@pytest.fixture
async def database(backend: Backend, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with the two tables of this suite."""
    made = Database(await backend.database_url(make_toy().spec, migrate_toy))
    async with made.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


@pytest.mark.parametrize(
    "given",
    [
        datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        datetime(
            1999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-9, minutes=-30))
        ),
    ],
)
async def test_an_instant_comes_back_as_the_same_instant_in_utc(
    database: Database, given: datetime
) -> None:
    async with database.writing() as session:
        await session.execute(insert(MOMENT).values(id=1, at=given))
    async with database.reading() as session:
        found = await session.scalar(select(MOMENT.c.at))
        same = await session.scalar(select(MOMENT.c.id).where(MOMENT.c.at == given))
    assert found == given
    assert found.tzinfo is UTC
    assert same == 1


async def test_instants_sort_and_compare_by_instant_not_by_wall_clock(database: Database) -> None:
    east, west = timezone(timedelta(hours=8)), timezone(timedelta(hours=-8))
    moments = [datetime(2026, 3, 2, 9, tzinfo=east), datetime(2026, 3, 1, 20, tzinfo=west)]
    async with database.writing() as session:
        rows = [{"id": number, "at": at} for number, at in enumerate(moments)]
        await session.execute(insert(MOMENT), rows)
    async with database.reading() as session:
        assert list(await session.scalars(select(MOMENT.c.id).order_by(MOMENT.c.at))) == [0, 1]
        later = select(MOMENT.c.id).where(MOMENT.c.at > moments[0])
        assert list(await session.scalars(later)) == [1]


async def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001  what must be refused
    with pytest.raises(StatementError, match="without a zone"):
        async with database.writing() as session:
            await session.execute(insert(MOMENT).values(id=1, at=naive))
    with pytest.raises(StatementError, match="without a zone"):
        async with database.reading() as session:
            await session.execute(select(MOMENT.c.id).where(MOMENT.c.at < naive))


@pytest.mark.skipif(SEPARATED, reason="settings of the file engine")
async def test_every_connection_of_a_file_is_durable_and_keeps_references(
    database: Database,
) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}
    async with database.writing() as one, database.reading() as two, database.reading() as three:
        for session in (one, two, three):
            for pragma, value in wanted.items():
                assert await session.scalar(text(f"PRAGMA {pragma}")) == value, pragma


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await session.execute(insert(MOMENT).values(id=1, counter_id=99))


async def test_a_reader_sees_the_last_commit_while_a_writer_is_at_work(database: Database) -> None:
    async with database.writing() as writer:
        await writer.execute(insert(COUNTER).values(id=1, n=1))
        async with asyncio.timeout(5), database.reading() as reader:
            assert await reader.scalar(select(func.count()).select_from(COUNTER)) == 0
    async with database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(COUNTER)) == 1


@pytest.mark.parametrize("instances", [1, 2])
async def test_twenty_writers_queue_and_none_fails_or_is_lost(
    database: Database, instances: int
) -> None:
    others = [Database(database.url) for _ in range(instances - 1)]
    homes = [database, *others]
    async with database.writing() as session:
        await session.execute(insert(COUNTER).values(id=1, n=0))

    async def add(home: Database) -> None:
        async with home.writing() as session:
            lock = select(COUNTER.c.n).where(COUNTER.c.id == 1).with_for_update()
            seen = await session.scalar(lock)
            await asyncio.sleep(0)
            await session.execute(COUNTER.update().values(n=seen + 1))

    await asyncio.gather(*(add(homes[number % instances]) for number in range(20)))
    async with database.reading() as session:
        assert await session.scalar(select(COUNTER.c.n)) == 20
    for other in others:
        await other.close()


async def test_a_writer_that_is_cancelled_leaves_nothing_and_blocks_nobody(
    database: Database,
) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with database.writing() as session:
            await session.execute(insert(COUNTER).values(id=1, n=1))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), database.writing() as session:
        assert await session.scalar(select(func.count()).select_from(COUNTER)) == 0


async def test_insert_or_leave_and_insert_or_change(database: Database) -> None:
    async with database.writing() as session:
        for n in (1, 2):
            statement = insert_into(session, COUNTER).values(id=1, n=n)
            await session.execute(statement.on_conflict_do_nothing())
        assert await session.scalar(select(COUNTER.c.n)) == 1
        change = insert_into(session, COUNTER).values(id=1, n=3)
        await session.execute(
            change.on_conflict_do_update(index_elements=["id"], set_={"n": change.excluded.n})
        )
        assert await session.scalar(select(COUNTER.c.n)) == 3


async def test_a_mistake_in_the_code_is_not_taken_for_a_database_that_is_away(
    database: Database,
) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with database.writing() as session:
            await session.execute(insert(MOMENT).values(id=1, counter_id=99))
    assert not is_unavailable(caught.value)
    assert is_unavailable(ConnectionRefusedError())
