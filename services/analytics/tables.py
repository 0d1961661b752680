"""Read models: parts as received, petitions as counted, roll-ups. Dates only, codes only."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.engine import partial_index
from shared.db.tables import common_tables
from shared.db.types import new_metadata

METADATA = new_metadata()
TABLES = common_tables(METADATA)


class AnalyticsRow(SQLModel, registry=registry(metadata=METADATA)):
    """Base of this service's tables."""


class PartRow(AnalyticsRow, table=True):
    """The newest version of what one petition, case or duty says (guarded by epoch, sequence)."""

    __tablename__ = "part"

    kind: str = Field(primary_key=True, max_length=8)
    subject_id: UUID = Field(primary_key=True)
    epoch: int
    sequence: int
    petition_ids: list[str] = Field(sa_type=JSON)
    facts: dict[str, Any] = Field(sa_type=JSON)


class PartLinkRow(AnalyticsRow, table=True):
    """Which parts bear on a petition."""

    __tablename__ = "part_link"

    petition_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=8)
    subject_id: UUID = Field(primary_key=True)


class FactRow(AnalyticsRow, table=True):
    """One petition as it is counted now: the merge of its parts, and exactly what the roll-ups
    hold of it."""

    __tablename__ = "petition_fact"

    petition_id: UUID = Field(primary_key=True)
    received_on: date = Field(index=True)
    division_code: str = Field(max_length=12)
    organ_code: str = Field(max_length=40)
    category_code: str = Field(max_length=6)
    channel: str = Field(max_length=8)
    purpose: str = Field(max_length=16)
    origin: str = Field(max_length=16)
    tier: int
    repeat: bool
    collective: bool
    person_times: int
    batch: bool
    answered_on: date | None
    closed: bool
    due_on: date | None
    legal: bool
    overdue: bool
    answer_overdue: bool
    hidden_from: str | None = Field(default=None, sa_type=Text)


class CountRow(AnalyticsRow, table=True):
    """Figures per cell (the names of rollups/domain/cells.py). A cell without items has no row."""

    __tablename__ = "count_by_cell"
    __table_args__ = (Index("ix_count_by_cell_division", "division_code", "received_on"),)

    received_on: date = Field(primary_key=True)
    division_code: str = Field(primary_key=True, max_length=12)
    organ_code: str = Field(primary_key=True, max_length=40)
    category_code: str = Field(primary_key=True, max_length=6)
    channel: str = Field(primary_key=True, max_length=8)
    purpose: str = Field(primary_key=True, max_length=16)
    origin: str = Field(primary_key=True, max_length=16)
    tier: int = Field(primary_key=True)
    repeat: bool = Field(primary_key=True)
    collective: bool = Field(primary_key=True)
    items: int
    batches: int
    person_times: int
    answered: int
    answered_person_times: int
    closed_without_answer: int
    judged: int
    answered_on_time: int
    legal_judged: int
    legal_on_time: int
    overdue_open: int
    answer_overdue_open: int


class KeptRow(AnalyticsRow, table=True):
    """Sums of a province, city or county (`division`: the first digits) for a month or a day,
    as rollups/domain/documents.py writes them. A sum without items has no row."""

    __tablename__ = "kept_sums"

    division: str = Field(primary_key=True, max_length=6)
    grain: str = Field(primary_key=True, max_length=1)
    first_day: date = Field(primary_key=True, index=True)
    sums: str = Field(sa_type=Text)


class DaysRow(AnalyticsRow, table=True):
    """Histogram of whole days from receipt to answer."""

    __tablename__ = "answer_days"
    __table_args__ = (Index("ix_answer_days_division", "division_code", "received_on"),)

    received_on: date = Field(primary_key=True)
    division_code: str = Field(primary_key=True, max_length=12)
    organ_code: str = Field(primary_key=True, max_length=40)
    category_code: str = Field(primary_key=True, max_length=6)
    channel: str = Field(primary_key=True, max_length=8)
    days: int = Field(primary_key=True)
    items: int


_fact = FactRow.__table__  # type: ignore[attr-defined]
partial_index("ix_petition_fact_hidden", "hidden_from IS NOT NULL", _fact.c.hidden_from)
