"""A step of the migration of each service: posts learn of which epoch they are.

Posts were compared by their version alone until then. After routing was restored from a backup,
what it told anew under a lower or equal version was left out, the end of a post among it: such
posts are brought up to the newest event that the service has handled or recorded. No row is
added or taken away.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

POST_CHANGED = "routing.post.changed.v1"
POST = sa.table(
    "post",
    sa.column("post_id", sa.Uuid()),
    sa.column("person", sa.String()),
    sa.column("organ_code", sa.String()),
    sa.column("division_code", sa.String()),
    sa.column("role", sa.String()),
    sa.column("valid_from", UtcDateTime()),
    sa.column("valid_to", UtcDateTime()),
    sa.column("epoch", sa.Integer()),
    sa.column("version", sa.Integer()),
)
EVENTS = {
    name: sa.table(
        name,
        sa.column("position", sa.BigInteger()),
        sa.column("type", sa.String()),
        sa.column("state", sa.String()),
        sa.column("envelope", sa.Text()),
    )
    for name in ("inbox", "outbox")
}


def add_epochs(*, events: str) -> None:
    """Add the columns, and fill those of posts from the `inbox` (of routing: the `outbox`)."""
    for table in ("post", "edition"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("epoch", sa.Integer(), server_default="1", nullable=False)
            )
    _bring_up(op.get_bind(), EVENTS[events])


def drop_epochs() -> None:
    """Take the columns away again."""
    for table in ("edition", "post"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("epoch")


def _bring_up(connection: sa.Connection, events: sa.TableClause) -> None:
    told: dict[UUID, list[dict[str, Any]]] = {}
    query = sa.select(events.c.envelope).where(events.c.type == POST_CHANGED)
    if events.name == "inbox":
        query = query.where(events.c.state == "done")
    for text in connection.scalars(query.order_by(events.c.position)):
        envelope = json.loads(text)
        told.setdefault(UUID(envelope["data"]["post"]["post_id"]), []).append(envelope)
    versions = {row.post_id: row.version for row in connection.execute(sa.select(POST)).all()}
    for post_id, version in versions.items():
        envelopes = told.get(post_id, [])
        if not envelopes:
            continue
        # Of two events of one version the first one was taken, the other looked like a repeat.
        mine = next((each["epoch"] for each in envelopes if each["sequence"] == version), 1)
        newest = max(envelopes, key=_rank)
        values = {"epoch": mine}
        if _rank(newest) > (mine, version):
            values = _values(newest)
        connection.execute(sa.update(POST).where(POST.c.post_id == post_id).values(**values))


def _rank(envelope: dict[str, Any]) -> tuple[int, int]:
    return envelope["epoch"], envelope["sequence"]


def _values(envelope: dict[str, Any]) -> dict[str, Any]:
    post = {key: value for key, value in envelope["data"]["post"].items() if key in POST.c}
    until = post["valid_to"]
    return post | {
        "post_id": UUID(post["post_id"]),
        "valid_from": datetime.fromisoformat(post["valid_from"]),
        "valid_to": None if until is None else datetime.fromisoformat(until),
        "epoch": envelope["epoch"],
        "version": envelope["sequence"],
    }
