"""Rows of what was promised in agreements."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Text, UniqueConstraint, Uuid
from sqlmodel import Field

from services.routing.tables import METADATA, RoutingRow
from shared.db.wrong_tries import wrong_try_table

WRONG_TRY = wrong_try_table(METADATA)
"""Wrong party codes, per undertaking."""


class UndertakingRow(RoutingRow, table=True):
    """One side's promise in the agreement that is act `agreement` of the case; `name` is an
    organisation's, `code_hash` of the code its side was given last."""

    __tablename__ = "undertaking"
    __table_args__ = (UniqueConstraint("case_id", "ordinal"),)

    undertaking_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("case_file.case_id"), nullable=False))
    ordinal: int
    agreement: int
    party: str = Field(max_length=12)
    name: str | None = Field(max_length=200)
    duty: str = Field(sa_type=Text)
    due_on: date
    fulfilled_on: date | None
    outcome: str | None = Field(sa_type=Text)
    lapsed_on: date | None
    code_hash: str | None = Field(max_length=64)
