"""Rows of how posts that need a second person were given."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.routing.tables import RoutingRow
from shared.db.types import UtcDateTime


class PostGivingRow(RoutingRow, table=True):
    """A post as it was proposed or given, who did and who settled it. One that is only proposed, or
    was withdrawn, stands here alone: the table of posts has what is in force."""

    __tablename__ = "post_giving"

    post_id: UUID = Field(primary_key=True)
    person: str = Field(max_length=120)
    organ_code: str = Field(max_length=40)
    division_code: str = Field(max_length=12)
    role: str = Field(max_length=20)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(sa_type=UtcDateTime)
    standing: str = Field(max_length=12)
    given_by: str = Field(max_length=120)
    given_at: datetime = Field(sa_type=UtcDateTime)
    settled_by: str | None = Field(max_length=120)
    settled_at: datetime | None = Field(sa_type=UtcDateTime)
