"""Write a new migration from the difference between code and schema.

    python scripts/make_migration.py SERVICE "what changes"

Runs on a throw-away SQLite file; read the result before you commit it.
"""

import asyncio
import importlib
import sys
import tempfile
from pathlib import Path

from alembic import command

from shared.db.engine import Database
from shared.db.migrations import HOME, upgrade, with_alembic


async def main(service: str, message: str) -> None:
    """Upgrade an empty database to the newest revision and write the next one."""
    spec = importlib.import_module(f"services.{service}.main").SPEC
    versions = HOME / service / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'empty.db'}")
        await upgrade(database, service, spec.metadata)
        await with_alembic(
            database,
            service,
            spec.metadata,
            lambda config: command.revision(
                config, message, autogenerate=True, rev_id=number, version_path=str(versions)
            ),
        )
        await database.close()


asyncio.run(main(sys.argv[1], sys.argv[2]))
