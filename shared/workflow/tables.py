"""The tables every noun with acts has: its journal, and what waits for approval.

Each noun has its own pair, keyed and bound to its entity's row: the database itself keeps a journal
from outliving what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from shared.db.engine import partial_index
from shared.db.types import UtcDateTime

T = TypeVar("T")
OPEN, APPROVED, RETURNED, VOID = "open", "approved", "returned", "void"


@dataclass(frozen=True, slots=True)
class WorkflowTables:
    """Journal and proposals of a noun; `key` names the column of the entity's id in both.
    `proposal` is None where no act needs approval."""

    journal: Table
    proposal: Table | None
    key: str


def workflow_tables(
    metadata: MetaData, *, key: str, parent: str, journal: str, proposal: str | None = None,
    more: tuple[Column[Any], ...] = (),
) -> WorkflowTables:  # fmt: skip
    """Declare the tables on a service's metadata. `parent` is the column that `key` refers to, as
    `table.column`; `more` are further columns of the journal."""
    acts = Table(
        journal,
        metadata,
        Column(key, Uuid, ForeignKey(parent), primary_key=True),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        Column("act", String(24), nullable=False),
        Column("done_on", Date, nullable=False),
        Column("done_at", UtcDateTime, nullable=False),
        Column("organ_code", String(40), nullable=False),
        Column("person", String(120), nullable=False),
        Column("proposed_by", String(120)),
        *more,
        Column("data", JSON, nullable=False),
    )
    return WorkflowTables(acts, _proposals(metadata, proposal, key, parent), key)


def declared(found: T | None) -> T:
    """What a noun has declared. Raises LookupError."""
    if found is None:
        raise LookupError("the noun has no such table")
    return found


def _proposals(metadata: MetaData, name: str | None, key: str, parent: str) -> Table | None:
    if name is None:
        return None
    drafts = Table(
        name,
        metadata,
        Column("proposal_id", Uuid, primary_key=True),
        Column(key, Uuid, ForeignKey(parent), nullable=False, index=True),
        Column("act", String(24), nullable=False),
        Column("path", String(24), nullable=False),
        Column("organ_code", String(40), nullable=False),
        Column("body", JSON, nullable=False),
        Column("state", String(12), nullable=False),
        Column("proposed_by", String(120), nullable=False),
        Column("proposed_at", UtcDateTime, nullable=False),
        Column("settled_by", String(120)),
        Column("settled_at", UtcDateTime),
        Column("reasons", Text, nullable=False),
    )
    waits = "state = 'open'"
    partial_index(
        f"ix_{name}_open", waits, drafts.c.organ_code, drafts.c.proposed_at,
        drafts.c.proposal_id,
    )  # fmt: skip
    Index(
        f"uq_{name}_organ", drafts.c[key], drafts.c.organ_code, unique=True,
        postgresql_where=text(waits), sqlite_where=text(waits),
    )  # fmt: skip
    return drafts
