"""The service's metadata and the tables every service has. The others stand with their noun's
queries: sources as received, petitions as counted, roll-ups. Dates only, codes only."""

from __future__ import annotations

from shared.db.tables import common_tables
from shared.db.types import new_metadata

METADATA = new_metadata()
TABLES = common_tables(METADATA)
