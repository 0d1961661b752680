"""Rows of papers filled in for petitioners."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Text, UniqueConstraint
from sqlmodel import Field

from services.intake.tables import IntakeRow
from shared.db.engine import partial_index
from shared.db.types import UtcDateTime


class Paper(IntakeRow, table=True):
    """A paper one petition is owed (文书), as routing told it, and its way to the petitioner.

    `slots` are the values of the template but for name and address, which come from the vault
    whenever it is made: nothing here says who it is for. `sha256` seals the PDF last made, empty
    until then; `proof` is masked. Open while `delivered_on` is."""

    __tablename__ = "paper"

    paper_id: UUID = Field(primary_key=True)
    notice_id: UUID
    petition_id: UUID = Field(index=True)
    case_id: UUID
    ordinal: int
    kind: str = Field(max_length=20)
    title: str | None = Field(max_length=60)
    number: str = Field(max_length=60)
    organ_code: str = Field(max_length=40)
    owed_on: date
    template: str | None = Field(max_length=20)
    template_sha256: str | None = Field(max_length=64)
    slots: dict[str, Any] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    sha256: str | None = Field(max_length=64)
    made_at: datetime | None = Field(sa_type=UtcDateTime)
    made_by: str | None = Field(max_length=120)
    delivered_on: date | None
    method: str | None = Field(max_length=16)
    refused: bool
    proof: str | None = Field(sa_type=Text)
    seen_at: datetime | None = Field(sa_type=UtcDateTime)

    __table_args__ = (UniqueConstraint("notice_id", "petition_id"),)


_PAPER = Paper.__table__  # type: ignore[attr-defined]


partial_index(
    "ix_paper_open", "delivered_on IS NULL",
    _PAPER.c.organ_code, _PAPER.c.owed_on, _PAPER.c.paper_id,
)  # fmt: skip


class PaperTemplate(IntakeRow, table=True):
    """The text of a template for which papers were owed: kept, so that a paper can be made again
    word for word after a newer program has another one."""

    __tablename__ = "paper_template"

    sha256: str = Field(primary_key=True, max_length=64)
    text: str = Field(sa_type=Text)
    common: str = Field(sa_type=Text)
