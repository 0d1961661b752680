"""What an error of the database means: away, not migrated, a bad value, or a store that is damaged.

Only this file and its neighbours in this room know the codes of the engines.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Damage(StrEnum):
    """What is wrong with a store that can't be read as it was written."""

    MALFORMED = "malformed"
    """Pages contradict each other or are not those of a database."""
    UNREADABLE = "unreadable"
    """The disk does not give back what was written."""
    TABLES_MISSING = "tables_missing"
    """A table is gone, or was never made."""


_TEMPORARY = ("08", "28", "3D", "40", "53", "55", "57")
"""Classes of SQLSTATE: connection lost, no entry, no such database, rolled back for others' sake,
no room, in use, stopping."""
_SERVER_DAMAGE = {
    "XX001": Damage.MALFORMED,  # data_corrupted
    "XX002": Damage.MALFORMED,  # index_corrupted
    "58030": Damage.UNREADABLE,  # io_error
    "58P01": Damage.UNREADABLE,  # undefined_file: a table's own file is gone
    "42P01": Damage.TABLES_MISSING,
}
_FILE_DAMAGE = {
    11: Damage.MALFORMED,  # CORRUPT, whatever its second byte says
    26: Damage.MALFORMED,  # NOTADB
    266: Damage.UNREADABLE,  # IOERR_READ
    522: Damage.UNREADABLE,  # IOERR_SHORT_READ
    8202: Damage.UNREADABLE,  # IOERR_DATA
    8458: Damage.UNREADABLE,  # IOERR_CORRUPTFS
}
_TABLE_MISSING = "no such table"


def damage_of(error: BaseException) -> Damage | None:
    """What an error of the driver, or of what wraps it, says about the store; None where it says
    nothing of the kind."""
    for each in _causes(error):
        if found := _SERVER_DAMAGE.get(str(getattr(each, "sqlstate", ""))):
            return found
        code = getattr(each, "sqlite_errorcode", None)
        if isinstance(code, int):
            if found := _FILE_DAMAGE.get(code) or _FILE_DAMAGE.get(code & 0xFF):
                return found
            if str(each).startswith(_TABLE_MISSING):
                return Damage.TABLES_MISSING
    return None


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is away, full, busy or shutting down: another try may succeed.

    Everything else a database complains of is a mistake in the code or its input, or damage."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", ""))
        return (
            isinstance(error, OperationalError)
            or error.connection_invalidated
            or state.startswith(_TEMPORARY)
        )
    return isinstance(error, PoolTimeout | OSError)


def is_not_migrated(error: BaseException) -> bool:
    """Whether a table is missing: the migrate job has not been here yet."""
    return damage_of(error) is Damage.TABLES_MISSING


def is_full(error: BaseException) -> bool:
    """Whether the disk has no room left."""
    return _says(error, states={"53100"}, file_code=13)


def is_read_only(error: BaseException) -> bool:
    """Whether the store may not be written to, or a file of it can't be opened at all."""
    return _says(error, states={"25006"}, file_code=8) or _says(error, states=set(), file_code=14)


def _says(error: BaseException, *, states: set[str], file_code: int) -> bool:
    return any(
        str(getattr(each, "sqlstate", "")) in states
        or (getattr(each, "sqlite_errorcode", None) or 0) & 0xFF == file_code
        for each in _causes(error)
    )


def is_unstorable(error: BaseException) -> bool:
    """Whether a value was refused because no column or no date can hold it.

    Models should have refused it; where none did, it is still the sender's value that is wrong."""
    if isinstance(error, DBAPIError):
        return str(getattr(error.orig, "sqlstate", "")).startswith("22")
    kind = error.orig if isinstance(error, StatementError) else error
    return isinstance(kind, OverflowError | UnicodeEncodeError)


def _causes(error: BaseException) -> list[BaseException]:
    """The error, what it wraps, and what the wrapped one came from."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = getattr(at, "orig", None) or at.__cause__
    return found
