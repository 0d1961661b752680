"""Every revision of every service goes up, down and up again, and leads to what the code says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Connection, Integer, MetaData, inspect, text

from services.deployment import SPECS
from shared.db.engine import Database
from shared.db.migrations import ENGINES_OWN, alembic_config, differences, upgrade, with_alembic
from shared.db.tables import common_tables
from shared.db.types import new_metadata
from shared.messaging.subscriptions import Subscriptions
from shared.runtime.service import ServiceSpec
from shared.runtime.settings import Settings
from tests.support.backends import Backend

METADATA = new_metadata()
EMPTY = ServiceSpec(
    name="empty", title="empty", metadata=METADATA, tables=common_tables(METADATA), routers=(),
    subscriptions=Subscriptions(consumer="empty"),
)  # fmt: skip
NAMES = [spec.name for spec in SPECS]


async def leave_empty(_: ServiceSpec, settings: Settings) -> None:
    """Make a database without a table (a file has to exist to be copied)."""
    database = Database(settings.database(EMPTY.name))
    await database.check()
    await database.close()


@pytest.fixture
async def database(backend: Backend) -> AsyncIterator[Database]:
    """A database without a table."""
    made = Database(await backend.database_url(EMPTY, leave_empty))
    yield made
    await made.close()


@pytest.fixture(params=SPECS, ids=NAMES)
def spec(request: pytest.FixtureRequest) -> ServiceSpec:
    """Each service in turn."""
    return request.param


def schema(connection: Connection) -> dict[str, Any]:
    """Everything the engine knows of the tables, in words that can be compared."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            },
            "primary": inspector.get_pk_constraint(table)["constrained_columns"],
            "unique": sorted(
                str(u["column_names"]) for u in inspector.get_unique_constraints(table)
            ),
            "foreign": sorted(str(f["name"]) for f in inspector.get_foreign_keys(table)),
            "indexes": sorted(str(i["name"]) for i in inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version" and not table.startswith(ENGINES_OWN)
    }


async def schema_of(database: Database) -> dict[str, Any]:
    async with database.engine.connect() as connection:
        return await connection.run_sync(schema)


async def revisions_of(database: Database, spec: ServiceSpec) -> list[tuple[str, str]]:
    """(revision, the one before or base), oldest first."""
    async with database.engine.connect() as connection:
        scripts = await connection.run_sync(
            lambda synchronous: ScriptDirectory.from_config(
                alembic_config(spec.name, spec.metadata, synchronous)
            )
        )
    walked = list(scripts.walk_revisions())
    assert len(scripts.get_heads()) == 1
    assert all(script.doc for script in walked), "a revision says what it is for"
    return [(each.revision, str(each.down_revision or "base")) for each in reversed(walked)]


async def step(database: Database, spec: ServiceSpec, revision: str, *, down: bool = False) -> None:
    act = command.downgrade if down else command.upgrade
    await with_alembic(database, spec.name, spec.metadata, lambda config: act(config, revision))


async def test_each_revision_goes_up_down_and_up_again(
    database: Database, spec: ServiceSpec
) -> None:
    revisions = await revisions_of(database, spec)
    assert revisions
    before = await schema_of(database)
    assert before == {}
    for revision, previous in revisions:
        await step(database, spec, revision)
        after = await schema_of(database)
        await step(database, spec, previous, down=True)
        assert await schema_of(database) == before
        await step(database, spec, revision)
        assert await schema_of(database) == after
        before = after


async def test_migrations_lead_to_the_tables_of_the_code(
    database: Database, spec: ServiceSpec
) -> None:
    await upgrade(database, spec.name, spec.metadata)
    assert await differences(database, spec.metadata) == []
    assert set(await schema_of(database)) == set(spec.metadata.tables)


async def test_partial_indexes_stay_partial(database: Database, spec: ServiceSpec) -> None:
    await upgrade(database, spec.name, spec.metadata)

    def partial(connection: Connection) -> set[str]:
        inspector, key = inspect(connection), f"{connection.dialect.name}_where"
        return {
            str(index["name"])
            for table in spec.metadata.tables
            for index in inspector.get_indexes(table)
            if key in index.get("dialect_options", {})
        }

    wanted = {
        str(index.name)
        for table in spec.metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is not None
    }
    async with database.engine.connect() as connection:
        assert await connection.run_sync(partial) == wanted


async def test_a_second_upgrade_changes_nothing(database: Database, spec: ServiceSpec) -> None:
    await upgrade(database, spec.name, spec.metadata)
    before = await schema_of(database)
    await upgrade(database, spec.name, spec.metadata)
    assert await schema_of(database) == before


async def test_a_column_without_a_migration_is_noticed(
    database: Database, spec: ServiceSpec
) -> None:
    await upgrade(database, spec.name, spec.metadata)
    altered = MetaData(naming_convention=spec.metadata.naming_convention)
    for table in spec.metadata.tables.values():
        table.to_metadata(altered)
    altered.tables["outbox"].append_column(Column("forgotten", Integer))
    (found,) = await differences(database, altered)
    assert found[0] == "add_column"


async def test_imported_rows_of_before_have_no_digest(database: Database) -> None:
    """They stay, and are known by what they say (tests/intake/test_importing.py)."""
    (intake,) = [spec for spec in SPECS if spec.name == "intake"]
    revisions = dict(await revisions_of(database, intake))
    (named,) = [
        revision for revision in revisions if "digest" in await _doc(database, intake, revision)
    ]
    await step(database, intake, revisions[named])
    columns = {
        column.name: "0" if isinstance(column.type, Boolean | Integer) else f"'{column.name[:6]}'"
        for column in intake.metadata.tables["petition"].columns
        if not column.nullable and column.name != "content_digest"
    }
    columns |= dict.fromkeys(("received_on", "answered_on"), "'2019-03-05'")
    columns |= dict.fromkeys(("registered_at", "registered_hour"), "'2019-03-05 08:00:00+00:00'")
    columns |= {"id": f"'{UUID(int=1)}'", "matter_id": f"'{UUID(int=1)}'", "editions": "'{}'"}
    columns |= {"source": "'board'", "source_id": "'7'"}
    truths = ("sealed", "batch", "repeat", "joint", "anonymous", "notice_owed")
    columns |= dict.fromkeys(truths, "false")
    async with database.engine.begin() as connection:
        names, values = ", ".join(columns), ", ".join(columns.values())
        await connection.execute(text(f"INSERT INTO petition ({names}) VALUES ({values})"))
    await step(database, intake, named)
    async with database.engine.connect() as connection:
        found = await connection.execute(text("SELECT source_id, content_digest FROM petition"))
        assert [tuple(row) for row in found] == [("7", None)]
    await step(database, intake, revisions[named], down=True)
    async with database.engine.connect() as connection:
        found = await connection.execute(text("SELECT source, source_id FROM petition"))
        assert [tuple(row) for row in found] == [("board", "7")]


async def _doc(database: Database, spec: ServiceSpec, revision: str) -> str:
    async with database.engine.connect() as connection:
        scripts = await connection.run_sync(
            lambda synchronous: ScriptDirectory.from_config(
                alembic_config(spec.name, spec.metadata, synchronous)
            )
        )
    return str(scripts.get_revision(revision).doc)
