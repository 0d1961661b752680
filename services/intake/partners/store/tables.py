"""Rows of county systems that push and fetch."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.intake.tables import IntakeRow
from shared.db.types import UtcDateTime


class Partner(IntakeRow, table=True):
    """A county system that pushes petitions; its division bounds what it may file."""

    __tablename__ = "partner"

    name: str = Field(primary_key=True, max_length=40)
    title: str = Field(max_length=100)
    division_code: str = Field(max_length=12)
    active: bool


class PartnerSecret(IntakeRow, table=True):
    """A signing secret of a partner, encrypted; in force until `valid_to`."""

    __tablename__ = "partner_secret"

    id: UUID = Field(primary_key=True)
    partner: str = Field(max_length=40, index=True)
    value: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(sa_type=UtcDateTime)
