"""Rows of joint handling (会办)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Text, UniqueConstraint, Uuid
from sqlmodel import Field

from services.routing.tables import RoutingRow
from shared.db.engine import partial_index


class PartRow(RoutingRow, table=True):
    """One organ's part in a joint matter; `referral` the ordinal of the hold it is of."""

    __tablename__ = "case_part"
    __table_args__ = (UniqueConstraint("case_id", "ordinal"),)

    part_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("case_file.case_id"), nullable=False))
    ordinal: int
    referral: int
    organ_code: str = Field(max_length=40)
    organ_division: str = Field(max_length=12)
    role: str = Field(max_length=12)
    task: str = Field(sa_type=Text)
    due_on: date
    assigned_on: date
    assigned_by: str = Field(max_length=40)
    opinion: str | None = Field(sa_type=Text)
    answered_on: date | None
    verdict: str | None = Field(max_length=8)
    verdict_on: date | None
    verdict_reasons: str | None = Field(sa_type=Text)
    excused_on: date | None
    excused_by: str | None = Field(max_length=40)
    excused_reasons: str | None = Field(sa_type=Text)


_PART = PartRow.__table__  # type: ignore[attr-defined]
partial_index(
    "ix_part_open", "answered_on IS NULL AND excused_on IS NULL",
    _PART.c.organ_code, _PART.c.due_on, _PART.c.part_id,
)  # fmt: skip
