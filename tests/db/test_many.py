"""Many rows at once: the same on both engines, whatever the columns hold."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.db.engine import BIG_IDENTITY, Database
from shared.db.many import OnConflict, insert_many, one_of, update_many
from shared.db.types import UtcDateTime, new_metadata
from tests.messaging.toy import make_toy, migrate_toy
from tests.support.backends import SEPARATED, Backend

METADATA = new_metadata()
THING = Table(
    "thing",
    METADATA,
    Column("position", BIG_IDENTITY, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("name", String(6)),
    Column("words", Text),
    Column("on", Date),
    Column("at", UtcDateTime),
    Column("facts", JSON),
    Column("lists", JSON),
    Column("share", Float),
    Column("raw", LargeBinary),
    Column("yes", Boolean),
    Column("n", Integer, nullable=False),
)


def a_thing(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": uuid.UUID(int=number), "name": f"n{number}", "words": "词，'\"\\{}\n",
        "on": date(2026, 3, 2),
        "at": datetime(2026, 3, 2, 1, 0, 0, 5, tzinfo=UTC), "facts": {"a": [1, None, "字"]},
        "lists": [["2026-01-01", "2026-01-02"]], "share": 0.5, "raw": b"\x00\xff", "yes": True,
        "n": number,
    } | changes  # fmt: skip


@pytest.fixture
async def database(backend: Backend, tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(await backend.database_url(make_toy().spec, migrate_toy))
    async with made.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


async def rows(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as session:
        found = await session.execute(select(THING).order_by(THING.c.position))
        return [{k: v for k, v in row._mapping.items() if k != "position"} for row in found]


async def test_rows_come_back_as_they_were_given_and_in_their_order(database: Database) -> None:
    empty = dict.fromkeys(("name", "words", "on", "at", "share", "raw", "yes", "facts"))
    given = [a_thing(3), a_thing(1, **empty, lists=[]), *map(a_thing, range(10, 400))]
    async with database.writing() as session:
        await insert_many(session, THING, given)
    assert await rows(database) == given


async def test_nothing_given_is_nothing_written(database: Database) -> None:
    async with database.writing() as session:
        await insert_many(session, THING, [])
        await update_many(session, THING, "id", [])
    assert await rows(database) == []


async def test_what_is_there_stays_or_is_changed_as_asked(database: Database) -> None:
    async with database.writing() as session:
        leave = OnConflict(("id",))
        await insert_many(session, THING, [a_thing(1), a_thing(1, n=7)], conflict=leave)
        await insert_many(session, THING, [a_thing(1, n=8), a_thing(2)], conflict=leave)
    assert [row["n"] for row in await rows(database)] == [1, 2]
    async with database.writing() as session:
        change = OnConflict(("id",), replaced=("name",), added=("n",))
        again = [a_thing(2, n=40, name="改"), a_thing(3)]
        await insert_many(session, THING, again, conflict=change)
    assert [row["n"] for row in await rows(database)] == [1, 42, 3]
    assert (await rows(database))[1]["name"] == "改"


async def test_some_rows_only_are_changed_where_a_column_is_set(database: Database) -> None:
    change = OnConflict(("id",), replaced=("n",), where_set="name")
    async with database.writing() as session:
        await insert_many(session, THING, [a_thing(1), a_thing(2, name=None)])
        again = [a_thing(1, n=10), a_thing(2, n=20)]
        await insert_many(session, THING, again, conflict=change)
    assert [row["n"] for row in await rows(database)] == [10, 2]


async def test_each_row_gets_its_own_values(database: Database) -> None:
    async with database.writing() as session:
        await insert_many(session, THING, [a_thing(n) for n in range(4)])
        changes = [{"id": uuid.UUID(int=n), "n": n * 10, "facts": {"n": n}} for n in (1, 3)]
        await update_many(session, THING, "id", changes)
    assert [(row["n"], row["facts"].get("n")) for row in await rows(database)] == [
        (0, None), (10, 1), (2, None), (30, 3)
    ]  # fmt: skip


async def test_one_of_finds_what_in_finds(database: Database) -> None:
    async with database.writing() as session:
        await insert_many(session, THING, [a_thing(n) for n in range(4)])
        for column, values in ((THING.c.n, {1, 3, 9}), (THING.c.name, ["n2"]), (THING.c.id, [])):
            several = select(func.count()).where(one_of(session, column, values))
            plain = select(func.count()).where(column.in_(values))
            assert await session.scalar(several) == await session.scalar(plain)


async def test_one_bad_row_fails_all(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await insert_many(session, THING, [a_thing(1), a_thing(1)])
    assert await rows(database) == []


@pytest.mark.skipif(not SEPARATED, reason="a file keeps text of any length")
async def test_text_that_is_too_long_is_refused_and_never_cut(database: Database) -> None:
    long = {"name": "seven.."}
    async with database.writing() as session:
        await insert_many(session, THING, [a_thing(1)])
    with pytest.raises(DBAPIError, match="too long"):
        async with database.writing() as session:
            await insert_many(session, THING, [a_thing(2, **long)])
    with pytest.raises(DBAPIError, match="too long"):
        async with database.writing() as session:
            await update_many(session, THING, "id", [a_thing(1, **long)])
