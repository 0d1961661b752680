"""Rows of supervision: duties, what is known of petitions and cases, alarms, watchers' beats."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Table, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.engine import partial_index
from shared.db.tables import common_tables
from shared.db.types import UtcDateTime, new_metadata

METADATA = new_metadata()
TABLES = common_tables(METADATA)


class SupervisionRow(SQLModel, registry=registry(metadata=METADATA)):
    """Base of supervision's own rows."""


class DutyRow(SupervisionRow, table=True):
    """One duty (时限任务). `due_on` and `due_at` follow from started_on … suspensions.

    `next_at` is when a watcher must look at it, NULL when nothing more happens by itself: the one
    indexed column a watcher asks for, so its work grows with what is due, not with what is open.
    """

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("subject_id", "subject_kind", "kind", "ordinal", name="uq_duty_key"),
    )

    duty_id: UUID = Field(primary_key=True)
    subject_kind: str = Field(max_length=10)
    subject_id: UUID
    kind: str = Field(max_length=30)
    ordinal: int
    case_id: UUID | None = Field(index=True)
    petition_ids: list[str] = Field(sa_type=JSON)
    organ_code: str | None = Field(max_length=40)
    division_code: str | None = Field(max_length=12)
    nature: str = Field(max_length=10)
    limit_id: str = Field(max_length=60)
    article: str = Field(max_length=200)
    warn_days: list[int] = Field(sa_type=JSON)
    started_on: date
    zone: str = Field(max_length=40)
    length: int
    unit: str = Field(max_length=10)
    roll: bool
    extension: int
    suspensions: list[list[str]] = Field(sa_type=JSON)
    due_on: date
    due_at: datetime = Field(sa_type=UtcDateTime)
    provisional: bool
    state: str = Field(max_length=10)
    ended_on: date | None
    overdue_at: datetime | None = Field(sa_type=UtcDateTime)
    noticed_at: datetime | None = Field(sa_type=UtcDateTime)
    warned_days: int | None
    silent: bool
    version: int
    next_at: datetime | None = Field(sa_type=UtcDateTime)
    limits_edition: str = Field(max_length=80)
    calendar_edition: str = Field(max_length=80)


class PetitionRow(SupervisionRow, table=True):
    """The newest facts of a petition, and its case; either may be known first. `hidden_from`: the
    organ an accusation complains of."""

    __tablename__ = "petition_known"

    petition_id: UUID = Field(primary_key=True)
    case_id: UUID | None
    epoch: int
    sequence: int
    facts: dict[str, Any] | None = Field(sa_type=JSON)
    hidden_from: str | None = Field(default=None, sa_type=Text)


class CaseRow(SupervisionRow, table=True):
    """The newest facts of a case."""

    __tablename__ = "case_known"

    case_id: UUID = Field(primary_key=True)
    epoch: int
    sequence: int
    is_open: bool
    facts: dict[str, Any] = Field(sa_type=JSON)


class AlarmRow(SupervisionRow, table=True):
    """Something a person must look at. One row per code and subject; `times` says how often."""

    __tablename__ = "alarm"

    alarm_id: UUID = Field(primary_key=True)
    code: str = Field(max_length=40)
    subject: str = Field(max_length=80)
    division_code: str | None = Field(max_length=12)
    organ_code: str | None = Field(max_length=40)
    detail: str = Field(max_length=300)
    times: int
    first_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)
    cleared_at: datetime | None = Field(sa_type=UtcDateTime)


class WatcherRow(SupervisionRow, table=True):
    """A watcher's sign of life, in machine time; `late_seconds` is the worst lateness it saw."""

    __tablename__ = "watcher"

    name: str = Field(primary_key=True, max_length=80)
    beat_at: datetime = Field(sa_type=UtcDateTime)
    fired: int
    late_seconds: float


def table_of(row: type[SupervisionRow]) -> Table:
    """The Core table of a row class."""
    table: Table = row.__table__  # type: ignore[attr-defined]
    return table


_duty = table_of(DutyRow)
partial_index("ix_duty_next_at", "next_at IS NOT NULL", _duty.c.next_at)
partial_index(
    "ix_duty_recount", "state = 'running' AND (unit = 'working' OR roll)", _duty.c.calendar_edition
)
partial_index("ix_duty_overdue", "state = 'overdue'", _duty.c.overdue_at)
partial_index("ix_petition_hidden", "hidden_from IS NOT NULL", table_of(PetitionRow).c.hidden_from)
partial_index("ix_case_known_open", "is_open", table_of(CaseRow).c.case_id)
Index("ix_duty_due", _duty.c.due_on, _duty.c.duty_id)
Index("ix_duty_organ_due", _duty.c.organ_code, _duty.c.due_on, _duty.c.duty_id)
Index("ix_duty_division_due", _duty.c.division_code, _duty.c.due_on, _duty.c.duty_id)
Index("ix_inbox_subject", TABLES.inbox.c.subject)  # the second checker folds raw events
Index("ix_alarm_last", table_of(AlarmRow).c.last_at, table_of(AlarmRow).c.alarm_id)
