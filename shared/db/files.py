"""Copies of embedded databases while they are in use, all of the same instant."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

LOCK_SECONDS = 30


def copy_databases(files: Mapping[Path, Path]) -> None:
    """Copy each database (key) to a new file (value); beside a serving process, too.

    Writers are held for the milliseconds in which a reader begins on every database; the copies
    are made from those readers' views, so that together they are one instant of the whole
    deployment. Raises OSError or sqlite3.Error; a copy that is not sound raises ValueError."""
    with ExitStack() as stack:
        sources = sorted(files)
        writers = [stack.enter_context(closing(_open(source))) for source in sources]
        readers = [stack.enter_context(closing(_open(source))) for source in sources]
        for writer in writers:
            writer.execute("BEGIN IMMEDIATE")
        for reader in readers:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for writer in writers:
            writer.execute("ROLLBACK")
        for source, reader in zip(sources, readers, strict=True):
            with closing(sqlite3.connect(files[source])) as copy:
                reader.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
                if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    raise ValueError(f"the copy of {source.name} is not sound")


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS,
                           isolation_level=None)  # fmt: skip
