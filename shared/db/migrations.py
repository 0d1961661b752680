"""Running a service's migrations on whatever engine its URL names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData

from shared.db.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

ENGINES_OWN = "fts_"
"""How names begin of what migrations make for full-text search on one engine alone."""

HOME = Path(__file__).resolve().parents[2] / "migrations"


def in_metadata(name: str | None, _kind: str, _parents: Any) -> bool:
    """Whether a name in the database is one the metadata should know."""
    return not (name or "").startswith(ENGINES_OWN)


OPTIONS = {"compare_type": True, "include_name": in_metadata}


def alembic_config(service: str, metadata: MetaData, connection: Connection) -> Config:
    """Alembic's configuration for one service's tree over an open connection."""
    from alembic.config import Config  # noqa: PLC0415  # lazy: heavy

    config = Config()
    config.set_main_option("script_location", str(HOME).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    versions = HOME / service / "versions"
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


async def with_alembic(
    database: Database, service: str, metadata: MetaData, act: Callable[[Config], Any]
) -> None:
    """Run an Alembic command in one transaction, however long a statement takes: an index over all
    events ever received needs minutes."""
    async with database.engine.begin() as connection:
        if not database.is_file:
            await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        await connection.run_sync(
            lambda synchronous: act(alembic_config(service, metadata, synchronous))
        )


async def upgrade(database: Database, service: str, metadata: MetaData) -> None:
    """Bring a database to the newest schema."""
    from alembic import command  # noqa: PLC0415  # lazy: heavy

    await with_alembic(database, service, metadata, lambda c: command.upgrade(c, "heads"))


async def differences(database: Database, metadata: MetaData) -> list[Any]:
    """What the tables in the code have that the database has not, or the other way round."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  # lazy: heavy
    from alembic.migration import MigrationContext  # noqa: PLC0415  # lazy: heavy

    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda synchronous: compare_metadata(
                MigrationContext.configure(synchronous, opts=OPTIONS), metadata
            )
        )
