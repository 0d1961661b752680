"""Engine, transactions and the few constructs that differ by dialect: the only file that knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    ExceptionContext,
    Index,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    literal_column,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.util.concurrency import greenlet_spawn

from shared.db.failures import Damage, damage_of
from shared.db.file_writer import FileWriter
from shared.db.new_rows import NewRow, each, together
from shared.db.probes import first_rows
from shared.db.types import UtcDateTime

BIG_IDENTITY = BigInteger().with_variant(Integer, "sqlite")
"""Type of an ascending integer key that both engines assign by themselves."""

DATABASE_NOW = literal_column("CURRENT_TIMESTAMP", UtcDateTime())
"""The database's own clock: when the transaction began, to the second in a file. No rule decides
by it; processes that share a database compare themselves with it."""

MOST_TOGETHER = 24
"""Rows up to which a server gets one statement for all tables."""

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=15000",
    "PRAGMA temp_store=MEMORY",
)


DURABLE_SERVER = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "remote_apply"}),
}
"""What PostgreSQL must say so that a commit that was answered survives a power cut."""
DURABLE_FILE = 2
"""`PRAGMA synchronous` of FULL; EXTRA is 3."""


class Database:
    """One service's database: a writer and a reader over the same URL.

    On SQLite the writer is a pool of one connection that opens with BEGIN IMMEDIATE, so writers
    of this process queue in the pool instead of failing on each other's locks; readers see the
    last commit (WAL). On PostgreSQL both are the same pool.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        parts = make_url(url)
        self.is_file = parts.get_backend_name() == "sqlite"
        self.file = Path(parts.database) if self.is_file and parts.database else None
        self.damage: Damage | None = None
        """What an error said of the store itself, until a look at the whole of it says otherwise
        (shared/runtime/store_watch.py)."""
        if self.is_file:
            self._writer = _file_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
            self._reader = _file_engine(url, begin="BEGIN", pool_size=4)
            blocking = _thread_engine(url)
            self._in_groups = FileWriter(blocking, turn=self._writer)
            engines = [self._writer.sync_engine, self._reader.sync_engine, blocking]
        else:
            self._writer = _server_engine(url, pool_size=pool_size)
            # A single statement sees one state anyway; without BEGIN and ROLLBACK around it a
            # look-up is one round trip instead of three.
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")
            engines = [self._writer.sync_engine]
        for engine in engines:
            self._watch(engine)
        self._write = async_sessionmaker(self._writer, expire_on_commit=False)
        self._read = async_sessionmaker(self._reader, expire_on_commit=False)

    def _watch(self, engine: Engine) -> None:
        """Remember every error that says that the store is damaged, whoever met it."""

        @event.listens_for(engine, "handle_error")
        def _notice(context: ExceptionContext) -> None:
            if found := damage_of(context.original_exception):
                self.damage = found

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations."""
        return self._writer

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        async with self._write() as session, session.begin():
            yield session

    def open(self) -> AsyncSession:
        """A session whose first statement begins a transaction; whoever opens it ends it."""
        return self._write()

    async def write_once(self, rows: Sequence[NewRow]) -> None:
        """Write new rows, all or none, as a transaction of their own.

        On a server one statement is that transaction: no round trips for BEGIN and COMMIT. In a
        file it shares the commit of others that come at the same time."""
        if self.is_file:
            await self._in_groups.write(rows)
        elif len(rows) > MOST_TOGETHER:
            async with self.writing() as session:
                await write_rows(session, rows)
        else:
            await greenlet_spawn(self._write_alone, rows)

    def _write_alone(self, rows: Sequence[NewRow]) -> None:
        with self._reader.sync_engine.connect() as connection:
            statement = together(connection.dialect, rows)
            connection.exec_driver_sql(statement.sql, statement.arguments(rows))

    @asynccontextmanager
    async def writing_once(self) -> AsyncIterator[AsyncSession]:
        """For one statement that writes: it is the transaction. On a server that saves the round
        trips of BEGIN and COMMIT; a second statement would be a transaction of its own."""
        async with self.writing() if self.is_file else self.reading() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """For reading; never commits. On a server each statement sees the newest commit, in a file
        all statements see the same one."""
        async with self._read() as session:
            yield session

    async def check(self) -> None:
        """Raise when the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def names(self) -> set[str]:
        """Names of all tables and indexes there are."""
        asked = (
            "SELECT name FROM sqlite_master"
            if self.is_file
            else "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        )
        async with self.reading() as session:
            return set(await session.scalars(text(asked)))

    async def read_each(self, metadata: MetaData) -> None:
        """Read a row of every table; raises what the first one that can't be read says."""
        async with self.reading() as session:
            for statement in first_rows(metadata):
                await session.execute(statement)

    async def unsafe_settings(self) -> list[str]:
        """Settings under which an answered commit may be lost, as `name=value`; none is right."""
        async with self.engine.connect() as connection:
            if self.is_file:
                value = (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()
                return [] if value >= DURABLE_FILE else [f"synchronous={value}"]
            found = await connection.execute(
                text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"),
                {"names": list(DURABLE_SERVER)},
            )
            return [f"{name}={value}" for name, value in found if value not in DURABLE_SERVER[name]]

    async def keeps_statistics(self) -> bool:
        """Whether a server vacuums and analyzes by itself; without, queries slow down with size."""
        if self.is_file:
            return True
        async with self.reading() as session:
            return str(await session.scalar(text("SHOW autovacuum"))) == "on"

    async def close(self) -> None:
        """Close all connections."""
        if self.is_file:
            self._in_groups.close()
        await self._writer.dispose()
        await self._reader.dispose()


def insert_into(session: AsyncSession, table: Any) -> PostgresInsert:
    """An INSERT that knows ON CONFLICT, for the session's dialect.

    `table` is a Core table or an SQLModel row class. Both dialects' constructs share the methods
    used here, so the PostgreSQL one stands for both in the types.
    """
    return insert_of(getattr(table, "__table__", table), server=is_server(session))


def insert_of(table: Table, *, server: bool) -> PostgresInsert:
    """`insert_into` where there is no session yet."""
    if server:
        return postgres_insert(table)
    return sqlite_insert(table)  # type: ignore[return-value]


def is_server(session: AsyncSession) -> bool:
    """Whether the session speaks to a server and not to a file."""
    return session.get_bind().dialect.name != "sqlite"


async def write_rows(session: AsyncSession, rows: Sequence[NewRow]) -> None:
    """Insert new rows of any tables inside an open transaction.

    On a server few rows go out as one statement; otherwise a statement per kind of row."""
    if not rows:
        return
    connection = await session.connection()
    if is_server(session) and len(rows) <= MOST_TOGETHER:
        statement = together(connection.dialect, rows)
        await connection.exec_driver_sql(statement.sql, statement.arguments(rows))
        return
    for sql, values in each(connection.dialect, rows):
        await connection.exec_driver_sql(sql, values)


def partial_index(name: str, where: str, *columns: Column[Any]) -> Index:
    """An index over the rows that fulfil `where` only; both engines have it."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


def _file_engine(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=pool_size, max_overflow=0, pool_timeout=30, hide_parameters=True
    )
    _set_up_file(engine.sync_engine, begin=begin)
    return engine


def _thread_engine(url: str) -> Engine:
    """The same file without asyncio, for whole changes done in one thread call."""
    blocking = make_url(url).set(drivername="sqlite")
    engine = create_engine(blocking, pool_size=1, max_overflow=0, hide_parameters=True)
    _set_up_file(engine, begin="BEGIN IMMEDIATE")
    return engine


def _set_up_file(engine: Engine, *, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin by itself
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _server_engine(url: str, *, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=3,
        pool_pre_ping=False,
        # The connection used last knows the statements and array types; each has to learn them.
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={
            "timeout": 5,
            "server_settings": {
                "timezone": "UTC",
                "statement_timeout": "30000",
                "lock_timeout": "10000",
                "idle_in_transaction_session_timeout": "60000",
                "application_name": "xinfang",
            },
        },
    )
