"""PostgreSQL roles and databases of a separated deployment, with no more rights than each needs.

One owner (the migrate job's role) owns every database and schema; a service's role may connect to
its own database and read and add rows there. Default privileges see to it that tables made by
later migrations are covered too. Changing and removing rows is given table by table, by the owner
after each migration: what is append-only (audit and its seals) is so for the service's own role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

import asyncpg
from sqlalchemy import MetaData, make_url, text

from shared.db.engine import Database

APPEND_ONLY = {"append_only": True}
"""`info=` of a table whose rows no service may change or remove."""

ROWS = "SELECT, INSERT"
SEQUENCES = "USAGE, SELECT"
DATABASE_OPTIONS = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in, with what, to which database."""

    user: str
    password: str
    database: str

    @classmethod
    def of_url(cls, url: str, service: str = "") -> Self:
        """Read from a database URL, where `{service}` stands for the service."""
        parts = make_url(url.strip().replace("{service}", service))
        if not (parts.username and parts.password and parts.database):
            raise ValueError("a database URL needs user, password and database")
        return cls(parts.username, str(parts.password), unquote(parts.database))


async def provision(admin_url: str, owner: Login, services: Mapping[str, Login]) -> None:
    """Make roles and databases, or bring existing ones to the same state; safe to run again.

    `admin_url` logs in as a superuser. Passwords are set to those given, so that changing a
    secret and running this again rotates it."""
    admin = await asyncpg.connect(admin_url)
    try:
        for login in (owner, *services.values()):
            await _role(admin, login)
        for login in services.values():
            await _database(admin, login, owner.user)
    finally:
        await admin.close()
    for login in services.values():
        inside = await asyncpg.connect(admin_url, database=login.database)
        try:
            await _grants(inside, login.user, owner.user)
        finally:
            await inside.close()


async def _role(admin: Any, login: Login) -> None:
    there = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", login.user)
    verb = "ALTER" if there else "CREATE"
    limits = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    await _run(admin, f"{verb} ROLE %I LOGIN {limits} PASSWORD %L", login.user, login.password)


async def _database(admin: Any, login: Login, owner: str) -> None:
    there = await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", login.database)
    if not there:
        await _run(admin, f"CREATE DATABASE %I OWNER %I {DATABASE_OPTIONS}", login.database, owner)
    await _run(admin, "REVOKE ALL ON DATABASE %I FROM PUBLIC", login.database)
    await _run(admin, "GRANT CONNECT ON DATABASE %I TO %I", login.database, login.user)


async def _grants(inside: Any, user: str, owner: str) -> None:
    await _run(inside, "ALTER SCHEMA public OWNER TO %I", owner)
    await _run(inside, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await _run(inside, "GRANT USAGE ON SCHEMA public TO %I", user)
    for kind, rights in (("TABLES", ROWS), ("SEQUENCES", SEQUENCES)):
        await _run(inside, f"GRANT {rights} ON ALL {kind} IN SCHEMA public TO %I", user)
        later = f"GRANT {rights} ON {kind} TO %I"
        await _run(
            inside, f"ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public {later}", owner, user
        )


_READERS = text(
    "SELECT DISTINCT quote_ident(pg_get_userbyid(entry.grantee)) FROM pg_class AS each"
    " CROSS JOIN aclexplode(each.relacl) AS entry"
    " WHERE each.relnamespace = 'public'::regnamespace AND each.relkind = 'r'"
    " AND entry.privilege_type = 'SELECT' AND entry.grantee NOT IN (0, each.relowner)"
)


async def settle_rights(database: Database, metadata: MetaData) -> None:
    """Who may read the tables may change and remove rows too, except where rows are for ever;
    a table that is not the service's (Alembic's) it may only read. Run by the owner; files and
    databases without roles of their own have nothing to settle."""
    if database.is_file:
        return
    async with database.engine.begin() as connection:
        readers = ", ".join(await connection.scalars(_READERS))
        if not readers:
            return
        tables = metadata.sorted_tables
        names = [(f'"{table.name}"', bool(table.info.get("append_only"))) for table in tables]
        changing = ", ".join(name for name, append_only in names if not append_only)
        lasting = ", ".join(name for name, append_only in names if append_only)
        for statement in (
            f"GRANT UPDATE, DELETE ON {changing} TO {readers}",
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {lasting} FROM {readers}",
            f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {readers}",
        ):
            await connection.execute(text(statement))


async def _run(connection: Any, statement: str, *values: str) -> None:
    """Run a statement that takes no parameters; the server itself quotes the values."""
    holes = "".join(f", ${number}::text" for number in range(1, len(values) + 1))
    literal = statement.replace("'", "''")
    await connection.execute(
        await connection.fetchval(f"SELECT format('{literal}'{holes})", *values)
    )
