"""Tables every service has: outbox, inbox, streams, leases, posts, editions, sealed audit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    literal_column,
)

from shared.db.engine import BIG_IDENTITY, partial_index
from shared.db.roles import APPEND_ONLY
from shared.db.types import UtcDateTime


@dataclass(frozen=True, slots=True)
class CommonTables:
    """The tables of one service that belong to the machinery, not to its business."""

    outbox: Table
    inbox: Table
    stream: Table
    lease: Table
    meta: Table
    post: Table
    edition: Table
    audit: Table
    audit_seal: Table
    stored_answer: Table


def common_tables(metadata: MetaData) -> CommonTables:
    """Declare the machinery's tables on a service's metadata."""
    return CommonTables(
        outbox=_outbox(metadata),
        inbox=_inbox(metadata),
        stream=Table(
            "stream",
            metadata,
            Column("source", String(40), primary_key=True),
            Column("subject", String(80), primary_key=True),
            Column("epoch", Integer, nullable=False),
            Column("sequence", Integer, nullable=False),
        ),
        lease=Table(
            "lease",
            metadata,
            Column("name", String(40), primary_key=True),
            Column("holder", String(80), nullable=False),
            Column("until", UtcDateTime, nullable=False),
            Column("beat_at", UtcDateTime, nullable=False),
        ),
        meta=Table(
            "meta",
            metadata,
            Column("key", String(40), primary_key=True),
            Column("value", Text, nullable=False),
        ),
        post=_post(metadata),
        edition=_edition(metadata),
        audit=_audit(metadata),
        audit_seal=_audit_seal(metadata),
        stored_answer=Table(
            "stored_answer",
            metadata,
            Column("key", String(64), primary_key=True),
            Column("request", String(64), nullable=False),
            Column("answer", Text, nullable=False),
            Column("stored_at", UtcDateTime, nullable=False, index=True),
        ),
    )


def not_done(inbox: Table) -> ColumnElement[bool]:
    """Rows of the inbox that are not done, in the very words of its partial indexes: a planner
    does not see that a bound value is another one, and would read every envelope ever received."""
    return inbox.c.state != literal_column("'done'")


def _outbox(metadata: MetaData) -> Table:
    table = Table(
        "outbox",
        metadata,
        Column("position", BIG_IDENTITY, primary_key=True, autoincrement=True),
        Column("id", Uuid, nullable=False, unique=True),
        Column("type", String(80), nullable=False),
        Column("subject", String(80), nullable=False),
        Column("recorded_at", UtcDateTime, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("lane", Integer, nullable=False, server_default="0"),
        Column("published_at", UtcDateTime),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("next_attempt_at", UtcDateTime),
        Column("reason", String(200)),
    )
    partial_index("ix_outbox_unsent", "published_at IS NULL", table.c.lane, table.c.position)
    partial_index(
        "ix_outbox_waiting", "published_at IS NULL", table.c.subject, table.c.next_attempt_at
    )
    Index("ix_outbox_recorded_at", table.c.recorded_at, table.c.id)
    return table


def _inbox(metadata: MetaData) -> Table:
    table = Table(
        "inbox",
        metadata,
        Column("position", BIG_IDENTITY, primary_key=True, autoincrement=True),
        Column("id", Uuid, nullable=False, unique=True),
        Column("source", String(40), nullable=False),
        Column("type", String(80), nullable=False),
        Column("subject", String(80), nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("sequence", Integer, nullable=False),
        Column("event_time", UtcDateTime, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("lane", Integer, nullable=False, server_default="0"),
        Column("state", String(8), nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("next_attempt_at", UtcDateTime),
        Column("reason", String(300)),
        Column("received_at", UtcDateTime, nullable=False),
        Column("done_at", UtcDateTime),
    )
    partial_index("ix_inbox_open", "state <> 'done'", table.c.lane, table.c.position)
    Index("ix_inbox_source_time", table.c.source, table.c.event_time)
    Index("ix_inbox_of_subject", table.c.source, table.c.subject)
    return table


def _post(metadata: MetaData) -> Table:
    return Table(
        "post",
        metadata,
        Column("post_id", Uuid, primary_key=True),
        Column("person", String(120), nullable=False, index=True),
        Column("organ_code", String(40), nullable=False),
        Column("division_code", String(12), nullable=False),
        Column("role", String(20), nullable=False),
        Column("valid_from", UtcDateTime, nullable=False),
        Column("valid_to", UtcDateTime),
        Column("epoch", Integer, nullable=False, server_default="1"),
        Column("version", Integer, nullable=False),
    )


def _edition(metadata: MetaData) -> Table:
    return Table(
        "edition",
        metadata,
        Column("kind", String(20), primary_key=True),
        Column("edition_id", String(80), primary_key=True),
        Column("effective_on", Date, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("content_xz", LargeBinary, nullable=False),
        Column("loaded_at", UtcDateTime, nullable=False),
        Column("epoch", Integer, nullable=False, server_default="1"),
    )


def _audit(metadata: MetaData) -> Table:
    return Table(
        "audit",
        metadata,
        Column("position", BIG_IDENTITY, primary_key=True, autoincrement=True),
        Column("at", UtcDateTime, nullable=False),
        Column("actor", String(120), nullable=False),
        Column("action", String(60), nullable=False),
        Column("subject", String(80), nullable=False, index=True),
        Column("detail", Text, nullable=False),
        Column("correlation_id", String(64), nullable=False),
        info=APPEND_ONLY,
    )


def _audit_seal(metadata: MetaData) -> Table:
    """One link per audit row, in order of sealing (shared/db/audit_chain.py)."""
    return Table(
        "audit_seal",
        metadata,
        Column("ordinal", BigInteger, primary_key=True, autoincrement=False),
        Column("position", BigInteger, nullable=False, unique=True),
        Column("sealed_at", UtcDateTime, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        info=APPEND_ONLY,
    )
