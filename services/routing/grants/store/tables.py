"""Rows of the keys that sign case grants."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from services.routing.tables import RoutingRow
from shared.db.types import UtcDateTime


class GrantKeyRow(RoutingRow, table=True):
    """A public key that was published for checking case grants; `valid_to` once it was retired."""

    __tablename__ = "grant_key"

    key_id: str = Field(primary_key=True, max_length=40)
    public_key: str = Field(max_length=43)
    version: int
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(sa_type=UtcDateTime)
