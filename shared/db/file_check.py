"""Whether an embedded database's file is what was written: quick before a start, whole on demand.

Quick is quick at any size: the header and the length of the file, both ends of every table and
index through the engine, every inner page of every tree byte by byte (a few in a thousand pages
are inner ones), and the engine's own check where the file is small enough for it. That check can't
be stopped while it reads a tree, so its size and not its time is bounded. Whole is that check at
any size.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from shared.db.page_walk import PageDamaged, walk

MAGIC = b"SQLite format 3\x00"
QUICK_BYTES = 64 * 1024 * 1024
"""Size up to which a quick look has the engine's own check; it takes about half a second."""
MOST_FLAWS = 5


@dataclass(slots=True)
class FileState:
    """What a look at one file found. `flaws` are Chinese clauses, empty when it is sound; `facts`
    are the rows of `meta`, `tables` the names of all tables (none: nothing was ever written), and
    `in_use` says whether anything was ever exchanged with other services."""

    flaws: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    in_use: bool = False
    is_whole: bool = False
    """Whether the engine's own check was made."""


def look_at(file: Path, *, whole: bool = False) -> FileState:
    """Read one database that exists, never changing it.

    Raises OSError when the file can't be read at all."""
    state = FileState()
    header = _header(file)
    if header == b"":
        return state
    if not header.startswith(MAGIC):
        state.flaws.append("文件头损坏，不是数据库文件")
        return state
    has_log = _has_log(file)
    if not has_log and (short := _missing_bytes(file, header)):
        state.flaws.append(f"文件不完整，缺少末尾 {short} 字节")
        return state
    try:
        with closing(_open(file, alone=not has_log)) as connection:
            _read(connection, state)
            if whole or file.stat().st_size <= QUICK_BYTES:
                _check(connection, state)
        if not state.flaws and not has_log:
            roots = _roots(file)
            walk(file, roots)
    except PageDamaged as error:
        state.flaws.append(f"第 {error.page} 页损坏")
    except sqlite3.Error as error:
        state.flaws.append(_words(error))
    return state


def _header(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(100)


def _has_log(file: Path) -> bool:
    """Whether a write-ahead log with anything in it lies beside the file."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(f"{file}-wal").st_size > 0  # noqa: PTH116  a name, not a suffix
    return False


def _missing_bytes(file: Path, header: bytes) -> int:
    size: int = struct.unpack(">H", header[16:18])[0]
    size = 65_536 if size == 1 else size
    pages: int
    pages, changed, valid_for = (struct.unpack(">I", header[at : at + 4])[0] for at in (28, 24, 92))
    if changed != valid_for:  # the number of pages was not kept by whoever wrote last
        return 0
    return max(0, pages * size - file.stat().st_size)


def _open(file: Path, *, alone: bool) -> sqlite3.Connection:
    """A connection that writes nothing; `alone` not even the files that others find it by."""
    way = "mode=ro&immutable=1" if alone else "mode=ro"
    return sqlite3.connect(
        f"{file.resolve().as_uri()}?{way}", uri=True, timeout=30, isolation_level=None
    )


def _read(connection: sqlite3.Connection, state: FileState) -> None:
    connection.execute("PRAGMA temp_store=MEMORY")
    named = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    state.tables = frozenset(
        name for kind, name, _, _ in named if kind == "table" and not name.startswith("sqlite_")
    )
    for kind, name, table, sql in named:
        if kind == "table" and "VIRTUAL" not in sql.upper()[:20]:
            for order in ("ASC", "DESC"):
                _tried(connection, f'SELECT * FROM "{name}" ORDER BY rowid {order} LIMIT 1')  # noqa: S608
        elif kind == "index":
            _read_ends(connection, name, table, sql or "")
    if "meta" in state.tables:
        state.facts = dict(connection.execute("SELECT key, value FROM meta"))
    state.in_use = any(
        connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608  our own names
        for table in ("outbox", "inbox", "audit")
        if table in state.tables
    )


def _read_ends(connection: sqlite3.Connection, name: str, table: str, sql: str) -> None:
    """Both ends of one index; a partial one is asked in its own words."""
    columns = [row[2] for row in connection.execute("SELECT * FROM pragma_index_info(?)", (name,))]
    if not columns or None in columns:
        return
    where = f"WHERE{sql.partition(' WHERE')[2]}" if " WHERE" in sql else ""
    for order in ("ASC", "DESC"):
        by = ", ".join(f'"{column}" {order}' for column in columns)
        ends = f'SELECT 1 FROM "{table}" INDEXED BY "{name}" {where} ORDER BY {by} LIMIT 1'  # noqa: S608
        _tried(connection, ends)


def _tried(connection: sqlite3.Connection, query: str) -> None:
    """Run a query, unless this table or index can't answer it: no rowids, no such order."""
    try:
        connection.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise


def _check(connection: sqlite3.Connection, state: FileState) -> None:
    """The engine's own check; its words name pages and indexes, never what is in them."""
    lines = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST_FLAWS})")]
    state.is_whole = True
    if lines != ["ok"]:
        first = lines[0].replace("*** in database main ***\n", "").splitlines()[0]
        state.flaws.append(f"完整性检查发现 {len(lines)} 处错误（{first}）")


def _roots(file: Path) -> list[int]:
    with closing(_open(file, alone=True)) as connection:
        rows = connection.execute("SELECT rootpage FROM sqlite_master WHERE rootpage > 0")
        return [1, *(row[0] for row in rows)]


def _words(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"内容损坏，读不出来（{name}）"
    return f"读不出来（{name}）"
