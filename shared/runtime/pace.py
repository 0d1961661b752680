"""How often the loops of a service look while nothing happens.

At rest a service does almost nothing: what happens in its own process wakes it, the looks are for
what happens elsewhere."""

from __future__ import annotations

from shared.db.engine import Database

POLL_SECONDS = 1.0
"""How often relay and inbox look at rest: each is woken by what happens in its own process, another
process over the same server wakes nobody here."""
POLL_FILE_SECONDS = 5.0
"""The same for a file, which no other process serves; what waits for a retry needs it."""
SEAL_SECONDS = 2.0
"""How often the sealer looks at rest. A commit with audit lines in this process wakes it."""
SEAL_REST = 0.5
"""The least time between two passes of the sealer: each is a commit."""


def poll_seconds(database: Database) -> float:
    """How often relay and inbox look at rest."""
    return POLL_FILE_SECONDS if database.is_file else POLL_SECONDS
