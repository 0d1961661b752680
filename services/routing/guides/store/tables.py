"""Rows of handling guides and policy changes: a row per version."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from services.routing.tables import RoutingRow
from shared.db.types import UtcDateTime


class GuideRow(RoutingRow, table=True):
    """One version. `superseded_on` is the first day on which a later version is in its place;
    `revision` counts the changes of the row, so that two people do not overwrite each other."""

    __tablename__ = "guide"

    guide_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    kind: str = Field(max_length=16)
    state: str = Field(max_length=12)
    organ_code: str = Field(max_length=40)
    title: str = Field(max_length=200)
    category_code: str = Field(max_length=6)
    division_code: str = Field(max_length=12)
    text: str = Field(sa_type=Text)
    legal_basis: str | None = Field(sa_type=Text)
    valid_from: date
    valid_to: date | None
    superseded_on: date | None
    drafted_by: str = Field(max_length=120)
    published_by: str | None = Field(max_length=120)
    published_on: date | None
    withdrawn_on: date | None
    withdrawal_reasons: str | None = Field(sa_type=Text)
    revision: int
    changed_at: datetime = Field(sa_type=UtcDateTime)


_GUIDE = GuideRow.__table__  # type: ignore[attr-defined]
Index("ix_guide_topic", _GUIDE.c.category_code, _GUIDE.c.division_code)
Index("ix_guide_organ", _GUIDE.c.organ_code, _GUIDE.c.guide_id)
