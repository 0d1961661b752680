"""Many rows in one statement (decisions 0022).

A server gets one array per column and unnests them: one statement of one text however many rows,
so it is planned once, sent once and counted as one round trip. A file engine has no arrays and
needs none: it takes the rows one after the other inside this process.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    String,
    Table,
    TableValuedAlias,
    any_,
    bindparam,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from shared.db.engine import MOST_TOGETHER, insert_into, is_server, write_rows
from shared.db.new_rows import NewRow

Row = Mapping[str, Any]


async def write_many(session: AsyncSession, rows: Sequence[NewRow]) -> None:
    """Insert new rows of any tables inside an open transaction: few as one statement for all
    tables, many as one per run of rows of the same table."""
    if len(rows) <= MOST_TOGETHER or not is_server(session):
        await write_rows(session, rows)
        return
    for table, group in groupby(rows, key=lambda row: row[0]):
        await insert_many(session, insert_into(session, table), [values for _, values in group])


async def insert_many(
    session: AsyncSession, statement: Insert, rows: Sequence[Row], *, returning: str | None = None
) -> list[Any]:
    """Run an INSERT made by `insert_into`, with its ON CONFLICT, for rows that all have the same
    keys. Where it changes rows on conflict, no two of `rows` may have the same key.

    The answer: the values of the column `returning` in the rows that were written."""
    if not rows:
        return []
    values: Any = list(rows)
    if is_server(session):
        names = list(rows[0])
        found = _unnested(statement.table.c, names)
        statement = statement.from_select(
            names, select(*(found.c[name] for name in names)), include_defaults=False
        )
        values = _arrays(names, rows)
    if returning is None:
        await session.execute(statement, values)
        return []
    statement_with_answer = statement.returning(statement.table.c[returning])
    return list(await session.scalars(statement_with_answer, values))


async def update_many(session: AsyncSession, table: Table, key: str, rows: Sequence[Row]) -> None:
    """Set the other values of each row where `key` is the row's; rows all have the same keys."""
    if not rows:
        return
    names = [name for name in rows[0] if name != key]
    if is_server(session):
        found = _unnested(table.c, [key, *names])
        changed = update(table).where(table.c[key] == found.c[key])
        statement = changed.values({name: found.c[name] for name in names})
        await session.execute(statement, _arrays([key, *names], rows))
        return
    statement = update(table).where(table.c[key] == bindparam(f"a_{key}"))
    statement = statement.values({name: bindparam(f"a_{name}") for name in names})
    connection = await session.connection()
    values = [{f"a_{name}": value for name, value in row.items()} for row in rows]
    await connection.execute(statement, values)


def one_of(
    session: AsyncSession, column: ColumnElement[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Condition: the column has one of these values. Like IN, but on a server the statement has
    the same text, and so the same plan, for any number of values."""
    if is_server(session):
        return column == any_(bindparam(None, list(values), type_=_array(column.type)))
    return column.in_(values)


def _unnested(columns: Mapping[str, Column[Any]] | Any, names: Sequence[str]) -> TableValuedAlias:
    arrays = [bindparam(f"a_{name}", type_=_array(columns[name].type)) for name in names]
    items = [column(name, columns[name].type) for name in names]
    return func.unnest(*arrays).table_valued(*items).render_derived()


def _arrays(names: Sequence[str], rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {f"a_{name}": [row[name] for row in rows] for name in names}


def _array(kind: TypeEngine[Any]) -> ARRAY[Any]:
    """An array of a column's values: of text no length, since a cast to one would cut in silence
    what the column refuses; of one dimension, since a JSON value may be a list itself."""
    return ARRAY(String() if isinstance(kind, String) else kind, dimensions=1)
