"""Changes that consist of new rows only: all or none, each with its own outcome, in any company."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table, Uuid, insert, select
from sqlalchemy.exc import IntegrityError

from shared.db.engine import MOST_TOGETHER, Database
from shared.db.types import UtcDateTime, new_metadata
from shared.kernel.ids import new_id
from tests.messaging.toy import make_toy, migrate_toy
from tests.support.backends import SEPARATED, Backend

METADATA = new_metadata()
PARENT = Table(
    "parent",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("order", String(20)),  # a word of SQL
    Column("at", UtcDateTime),
    Column("key", Uuid),
    Column("facts", JSON),
)
CHILD = Table(
    "child",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("parent_id", ForeignKey(PARENT.c.id), nullable=False),
)


@pytest.fixture
async def database(backend: Backend, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with the two tables of this suite."""
    made = Database(await backend.database_url(make_toy().spec, migrate_toy))
    async with made.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


async def ids(database: Database, table: Table) -> list[int]:
    """What is in a table."""
    async with database.reading() as session:
        return list(await session.scalars(select(table.c.id).order_by(table.c.id)))


async def test_every_kind_of_value_comes_back(database: Database) -> None:
    row = {
        "id": 1, "order": "first", "at": datetime(2026, 3, 2, 1, tzinfo=UTC), "key": new_id(),
        "facts": {"词": [1, None, "x"]},
    }  # fmt: skip
    await database.write_once([(PARENT, row), (PARENT, {"id": 2, "facts": None})])
    async with database.reading() as session:
        first, second = (await session.execute(select(PARENT).order_by(PARENT.c.id))).mappings()
    assert dict(first) == row
    assert dict(second) == dict.fromkeys(row) | {"id": 2}


@pytest.mark.parametrize("extra", [0, MOST_TOGETHER])
async def test_a_change_is_written_whole_or_not_at_all(database: Database, extra: int) -> None:
    await database.write_once([(PARENT, {"id": 1})])
    more = [(PARENT, {"id": 100 + number}) for number in range(extra)]
    with pytest.raises(IntegrityError):
        await database.write_once([(PARENT, {"id": 2}), *more, (PARENT, {"id": 1})])
    assert await ids(database, PARENT) == [1]
    await database.write_once([(PARENT, {"id": 2}), *more, (CHILD, {"id": 1, "parent_id": 2})])
    assert len(await ids(database, PARENT)) == 2 + extra


async def test_of_many_at_once_only_those_that_are_wrong_fail(database: Database) -> None:
    await database.write_once([(PARENT, {"id": 7})])
    outcomes = await asyncio.gather(
        *(
            database.write_once([(PARENT, {"id": n}), (CHILD, {"id": n, "parent_id": n})])
            for n in range(20)
        ),
        return_exceptions=True,
    )
    failed = [number for number, outcome in enumerate(outcomes) if outcome is not None]
    assert failed == [7]
    assert isinstance(outcomes[7], IntegrityError)
    assert await ids(database, CHILD) == [number for number in range(20) if number != 7]


@pytest.mark.skipif(SEPARATED, reason="a server writes at once")
async def test_who_leaves_while_waiting_writes_nothing_and_stops_nobody(
    database: Database,
) -> None:
    async with database.writing() as session:
        await session.execute(insert(PARENT).values(id=1))
        waiting = [
            asyncio.create_task(database.write_once([(PARENT, {"id": number})]))
            for number in (2, 3, 4)
        ]
        await asyncio.sleep(0)
        waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert waiting[1].cancelled()
    assert await ids(database, PARENT) == [1, 2, 4]


async def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001  what must be refused
    with pytest.raises(ValueError, match="without a zone"):
        await database.write_once([(PARENT, {"id": 1, "at": naive})])
    assert await ids(database, PARENT) == []
