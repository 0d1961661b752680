"""Rows of the routing service. Text in here is the masked copy; identity never comes here."""

from __future__ import annotations

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.db.tables import common_tables
from shared.db.types import new_metadata

METADATA = new_metadata()
TABLES = common_tables(METADATA)


class RoutingRow(SQLModel, registry=registry(metadata=METADATA)):
    """Base of this service's tables."""
