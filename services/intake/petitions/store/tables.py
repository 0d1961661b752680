"""Rows of petitions: facts, masked words, progress, kept answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from services.intake.tables import IntakeRow
from shared.db.engine import partial_index
from shared.db.types import UtcDateTime


class Petition(IntakeRow, table=True):
    """One thing received (信访件). `version` counts published changes: 0 while sealed.

    `received_division` is the division of the organ that received it and carries the scope.
    `content_digest` tells a row of a history that comes again from one with other words.
    `opener` of a sealed one is the organ before which it is; empty: nobody in this deployment may
    decide on it; None: not settled yet. `hidden_from` are the organs an accusation complains of
    (shared/db/accused.py), of a sealed one as keyed marks, for what it says lies in the vault.
    """

    __tablename__ = "petition"

    id: UUID = Field(primary_key=True)
    number: str = Field(max_length=32, unique=True)
    matter_id: UUID = Field(index=True)
    version: int
    code_hash: str | None = Field(max_length=64)
    sealed_id: UUID | None = Field(unique=True)
    sealed: bool
    channel: str = Field(max_length=10)
    origin: str = Field(max_length=20)
    purpose: str = Field(max_length=12)
    category_code: str | None = Field(max_length=6)
    category_by: str = Field(max_length=10)
    category_confidence: float | None
    division_code: str | None = Field(max_length=12)
    complained_organ: str | None = Field(max_length=40)
    received_by: str = Field(max_length=40)
    received_division: str = Field(max_length=12)
    receiving_tier: int
    received_on: date
    registered_at: datetime = Field(sa_type=UtcDateTime)
    registered_hour: datetime = Field(sa_type=UtcDateTime, index=True)
    head_count: int
    person_times: int
    batch: bool
    repeat: bool
    joint: bool
    anonymous: bool
    notice_owed: bool
    partner: str | None = Field(max_length=40)
    source: str | None = Field(max_length=40)
    source_id: str | None = Field(max_length=100)
    content_digest: str | None = Field(max_length=64)
    answered_on: date | None
    editions: dict[str, Any] = Field(sa_type=JSON)
    opener: str | None = Field(default=None, max_length=40)
    hidden_from: str | None = Field(default=None, sa_type=Text)

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_petition_received_by", "received_by", "id"),
    )


_PETITION = Petition.__table__  # type: ignore[attr-defined]


partial_index("ix_petition_sealed", "sealed", _PETITION.c.id)


partial_index("ix_petition_unsettled", "sealed AND opener IS NULL", _PETITION.c.id)


partial_index("ix_petition_hidden", "hidden_from IS NOT NULL", _PETITION.c.id)


class Words(IntakeRow, table=True):
    """The masked words of a petition that is not sealed; `answer` for imported history."""

    __tablename__ = "words"

    petition_id: UUID = Field(primary_key=True)
    subject: str = Field(max_length=400)
    text: str = Field(sa_type=Text)
    place: str | None = Field(max_length=400)
    answer: str | None = Field(sa_type=Text)


class Progress(IntakeRow, table=True):
    """State of the case of a petition as routing last told it; (epoch, sequence) only grows.
    `hidden_from` are the organs that must not know of the case."""

    __tablename__ = "progress"

    petition_id: UUID = Field(primary_key=True)
    case_id: UUID
    epoch: int
    sequence: int
    state: str = Field(max_length=20)
    organ_code: str | None = Field(max_length=40)
    hidden_from: str | None = Field(default=None, sa_type=Text)


class Step(IntakeRow, table=True):
    """One step of a petition's way as the citizen sees it, one per case event."""

    __tablename__ = "step"

    petition_id: UUID = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    kind: str = Field(max_length=30)
    happened_on: date
    organ_code: str | None = Field(max_length=40)


partial_index(
    "ix_progress_hidden", "hidden_from IS NOT NULL",
    Progress.__table__.c.petition_id,  # type: ignore[attr-defined]
)  # fmt: skip


class StoredAnswer(IntakeRow, table=True):
    """The first answer under an idempotency key or webhook id, encrypted (`key` is a digest).

    Kept at least 400 days (reliability trap 28)."""

    __tablename__ = "stored_answer"

    key: str = Field(primary_key=True, max_length=64)
    request: str = Field(max_length=64)
    answer: str = Field(sa_type=Text)
    stored_at: datetime = Field(sa_type=UtcDateTime, index=True)
