"""Rows of reveals and of the keys that open the vault."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.intake.tables import IntakeRow
from shared.db.roles import APPEND_ONLY
from shared.db.types import UtcDateTime


class GrantKey(IntakeRow, table=True):
    """A public key of routing with which case grants are checked; (epoch, sequence) only grows."""

    __tablename__ = "grant_key"

    key_id: str = Field(primary_key=True, max_length=40)
    epoch: int
    sequence: int
    public_key: str = Field(max_length=43)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(sa_type=UtcDateTime)


class Reveal(IntakeRow, table=True):
    """The vault was opened once (查看身份): who, for which organ, what for, why, in which case.

    `grant_id` is the grant's own id, so that none opens twice; the petitioner may read the rest
    but for the person. `reason` is masked. Rows are never changed."""

    __tablename__ = "reveal"

    grant_id: UUID = Field(primary_key=True)
    petition_id: UUID
    person: str = Field(max_length=120)
    post_id: UUID
    organ_code: str = Field(max_length=40)
    role: str = Field(max_length=20)
    purpose: str = Field(max_length=20)
    reason: str = Field(max_length=400)
    case_id: UUID | None
    at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (
        Index("ix_reveal_petition", "petition_id", "at"),
        Index("ix_reveal_person", "person", "at"),
        Index("ix_reveal_at", "at", "grant_id"),
        {"info": APPEND_ONLY},
    )
