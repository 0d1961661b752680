"""A step of the migration of each service: rows of outbox and inbox are in lanes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

OPEN = {
    "outbox": ("ix_outbox_unsent", sa.text("published_at IS NULL")),
    "inbox": ("ix_inbox_open", sa.text("state <> 'done'")),
}
HELD, OF_SUBJECT, SUBJECT = "ix_inbox_held", "ix_inbox_of_subject", ["source", "subject"]


def add_lanes() -> None:
    """Everything there is lies in lane 0. Rows of one subject are found whatever their state."""
    for table, (name, where) in OPEN.items():
        op.add_column(table, sa.Column("lane", sa.Integer(), server_default="0", nullable=False))
        _index(table, name, where, ["lane", "position"])
    op.drop_index(HELD, table_name="inbox")
    op.create_index(OF_SUBJECT, "inbox", SUBJECT)


def drop_lanes() -> None:
    """Take the lanes away again."""
    op.drop_index(OF_SUBJECT, table_name="inbox")
    where = OPEN["inbox"][1]
    op.create_index(HELD, "inbox", SUBJECT, postgresql_where=where, sqlite_where=where)
    for table, (name, where) in OPEN.items():
        _index(table, name, where, ["position"])
        op.drop_column(table, "lane")


def _index(table: str, name: str, where: sa.TextClause, columns: list[str]) -> None:
    op.drop_index(name, table_name=table)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
