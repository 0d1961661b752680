"""What bare asyncpg reaches with the same rows: A1 five inserts in a transaction, A2 one statement.

Rows are taken from what the service itself wrote, so they are the same in width and indexes. They
go into empty copies of its tables, where no relay or sealer works on them meanwhile.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from typing import Any

import asyncpg

from shared.kernel.ids import new_id

CONNECTIONS = 16
PROCESSES = 2
SCHEMA = "ceiling"


async def prepare_ceilings(url: str, tables: list[str]) -> None:
    """Make the copies, with all indexes."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE SCHEMA {SCHEMA}")
    for table in tables:
        await connection.execute(
            f"CREATE TABLE {SCHEMA}.{table} (LIKE public.{table} INCLUDING ALL)"
        )
    await connection.close()


def ceilings(url: str, tables: list[str], *, seconds: float, one_statement: bool) -> float:
    """Transactions per second over 16 connections in two processes."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        share = CONNECTIONS // PROCESSES
        way = "one" if one_statement else "several"
        work = [(url, tables, seconds, way, share)] * PROCESSES
        return sum(pool.starmap(_process, work))


def _process(url: str, tables: list[str], seconds: float, way: str, count: int) -> float:
    return asyncio.run(_run(url, tables, seconds, one_statement=way == "one", count=count))


async def _run(
    url: str, tables: list[str], seconds: float, *, one_statement: bool, count: int
) -> float:
    pool = await asyncpg.create_pool(
        url, min_size=count, max_size=count, server_settings={"search_path": SCHEMA}
    )
    shapes = [await _shape(pool, table) for table in tables]
    done = 0
    until = time.perf_counter() + seconds
    began = time.perf_counter()

    async def one() -> None:
        nonlocal done
        async with pool.acquire() as connection:
            while time.perf_counter() < until:
                await (_single if one_statement else _several)(connection, shapes)
                done += 1

    await asyncio.gather(*(one() for _ in range(count)))
    elapsed = time.perf_counter() - began
    await pool.close()
    return done / elapsed


async def _shape(pool: Any, table: str) -> tuple[str, list[str], list[Any], set[int]]:
    """(table, columns, an example row, positions that must be fresh) of a table."""
    row = await pool.fetchrow(f"SELECT * FROM public.{table} LIMIT 1")
    generated = await pool.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1"
        " AND (is_identity = 'YES' OR column_default LIKE 'nextval%')",
        table,
    )
    skipped = {each["column_name"] for each in generated}
    columns = [name for name in row.keys() if name not in skipped]  # noqa: SIM118  a Record
    unique = await pool.fetch(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
        " AND a.attnum = ANY(i.indkey) WHERE i.indrelid = $1::regclass AND i.indisunique",
        table,
    )
    fresh = {columns.index(each["attname"]) for each in unique if each["attname"] in columns}
    values = [None if name == "published_at" else row[name] for name in columns]
    return table, columns, values, fresh


def _values(shape: tuple[str, list[str], list[Any], set[int]]) -> list[Any]:
    _, _, example, fresh = shape
    made = list(example)
    for position in fresh:
        value = made[position]
        if isinstance(value, str):
            made[position] = new_id().hex[: max(8, len(value))]
        elif value is not None and not isinstance(value, int):
            made[position] = new_id()
    return made


def _insert(shape: tuple[str, list[str], list[Any], set[int]], first: int) -> str:
    table, columns, _, _ = shape
    marks = ", ".join(f"${first + n}" for n in range(len(columns)))
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({marks})"


async def _several(connection: Any, shapes: list[Any]) -> None:
    async with connection.transaction():
        for shape in shapes:
            await connection.execute(_insert(shape, 1), *_values(shape))


async def _single(connection: Any, shapes: list[Any]) -> None:
    parts: list[str] = []
    values: list[Any] = []
    for shape in shapes:
        parts.append(_insert(shape, len(values) + 1))
        values += _values(shape)
    ctes = ", ".join(f"w{n} AS ({part})" for n, part in enumerate(parts[:-1]))
    await connection.execute(f"WITH {ctes} {parts[-1]}", *values)
