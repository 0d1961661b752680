"""Many rows in one statement (decision 0022).

A server gets one array per column and unnests them: one statement of one text however many rows,
so it is planned once, sent once and counted as one round trip. A file engine has no arrays and
needs none: it takes the rows one after the other inside this process.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    String,
    Table,
    TableValuedAlias,
    Update,
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

from shared.db.engine import MOST_TOGETHER, insert_of, is_server, write_rows
from shared.db.new_rows import NewRow

Row = Mapping[str, Any]


async def write_many(session: AsyncSession, rows: Sequence[NewRow]) -> None:
    """Insert new rows of any tables inside an open transaction: few as one statement for all
    tables, many as one per run of rows of the same table."""
    if len(rows) <= MOST_TOGETHER or not is_server(session):
        await write_rows(session, rows)
        return
    for table, group in groupby(rows, key=lambda row: row[0]):
        await insert_many(session, table, [values for _, values in group])


@dataclass(frozen=True, slots=True)
class OnConflict:
    """What to do with a row whose `key` (without one: any unique value) is there already: set the
    columns `replaced` to the new row's values and add its values to those `added`, with
    `where_set` only in rows where that column is not null; without columns to change, leave the
    old row be."""

    key: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    where_set: str | None = None

    def __call__(self, new: Insert) -> Insert:
        """The INSERT with its ON CONFLICT."""
        old = new.table.c
        values: dict[str, ColumnElement[Any]] = {n: new.excluded[n] for n in self.replaced}
        values |= {name: old[name] + new.excluded[name] for name in self.added}
        if not values:
            return new.on_conflict_do_nothing(index_elements=self.key or None)
        where = old[self.where_set].is_not(None) if self.where_set else None
        return new.on_conflict_do_update(index_elements=self.key, set_=values, where=where)


async def insert_many(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Row],
    *,
    conflict: OnConflict | None = None,
    returning: str | None = None,
) -> list[Any]:
    """Insert rows that all have the same keys. Where `conflict` changes rows, no two of `rows` may
    have the same key. The answer: the column `returning` of the rows that were written."""
    if not rows:
        return []
    names, server = tuple(rows[0]), is_server(session)
    statement = _insert(table, names, conflict, returning, server)
    values: Any = _arrays(names, rows) if server else list(rows)
    done = await session.execute(statement, values)
    return [] if returning is None else list(done.scalars())


async def update_many(session: AsyncSession, table: Table, key: str, rows: Sequence[Row]) -> None:
    """Set the other values of each row where `key` is the row's; rows all have the same keys."""
    if not rows:
        return
    names, server = tuple(rows[0]), is_server(session)
    statement = _update(table, key, names, server)
    if server:
        await session.execute(statement, _arrays(names, rows))
        return
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


# Making a statement costs more processor time than running it for few rows, so each is made once.
@lru_cache(maxsize=500)
def _insert(
    table: Table,
    names: tuple[str, ...],
    conflict: OnConflict | None,
    returning: str | None,
    server: bool,  # noqa: FBT001  part of the key
) -> Any:
    statement = insert_of(table, server=server)
    statement = conflict(statement) if conflict else statement
    if server:
        found = _unnested(table.c, names)
        values = select(*(found.c[name] for name in names))
        statement = statement.from_select(names, values, include_defaults=False)
    return statement.returning(table.c[returning]) if returning else statement


@lru_cache(maxsize=500)
def _update(table: Table, key: str, names: tuple[str, ...], server: bool) -> Update:  # noqa: FBT001
    changing = [name for name in names if name != key]
    if server:
        found = _unnested(table.c, names)
        statement = update(table).where(table.c[key] == found.c[key])
        return statement.values({name: found.c[name] for name in changing})
    statement = update(table).where(table.c[key] == bindparam(f"a_{key}"))
    return statement.values({name: bindparam(f"a_{name}") for name in changing})


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
