"""Rows of the identity vault."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from services.intake.tables import IntakeRow


class Vault(IntakeRow, table=True):
    """Encrypted fields: `petitioners`, `words`, and what sealing found (`seal`)."""

    __tablename__ = "vault"

    petition_id: UUID = Field(primary_key=True)
    field: str = Field(primary_key=True, max_length=20)
    value: str = Field(sa_type=Text)
