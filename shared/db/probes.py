"""Statements that only try whether a database can be read."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import MetaData, TextClause, text


@lru_cache(maxsize=16)
def first_rows(metadata: MetaData) -> list[TextClause]:
    """One row of each table, as text: a start reads them all, and making statements of columns
    would take most of its time."""
    columns = {
        table.name: ", ".join(f'"{column.name}"' for column in table.columns)
        for table in metadata.sorted_tables
    }
    return [text(f'SELECT {names} FROM "{table}" LIMIT 1') for table, names in columns.items()]  # noqa: S608
