"""A step of the migration of each service: rows of outbox and inbox are in lanes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

OPEN = {
    "outbox": ("ix_outbox_unsent", sa.text("published_at IS NULL")),
    "inbox": ("ix_inbox_open", sa.text("state <> 'done'")),
}


def add_lanes() -> None:
    """Everything there is lies in lane 0."""
    for table, (name, where) in OPEN.items():
        op.add_column(table, sa.Column("lane", sa.Integer(), server_default="0", nullable=False))
        _index(table, name, where, ["lane", "position"])


def drop_lanes() -> None:
    """Take the lanes away again."""
    for table, (name, where) in OPEN.items():
        _index(table, name, where, ["position"])
        op.drop_column(table, "lane")


def _index(table: str, name: str, where: sa.TextClause, columns: list[str]) -> None:
    op.drop_index(name, table_name=table)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
