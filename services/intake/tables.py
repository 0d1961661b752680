"""Rows of intake.

Identity and the original words lie encrypted in `vault`; `words` holds the masked copy and has no
row for a sealed petition. Nothing here names a person in the clear.
"""

from __future__ import annotations

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.db.tables import common_tables
from shared.db.types import new_metadata
from shared.db.wrong_tries import wrong_try_table

METADATA = new_metadata()
TABLES = common_tables(METADATA)
WRONG_TRY = wrong_try_table(METADATA)
"""Wrong query codes, per number."""


class IntakeRow(SQLModel, registry=registry(metadata=METADATA)):
    """Base of intake's rows."""
