"""The file outside the database that keeps heads of the audit chain: only ever appended to."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from shared.db.audit_chain import Anchor
from shared.kernel.private import FOLDER_MODE, sync_folder

TAIL_BYTES = 4096
"""More than two lines: one of them may be torn."""


class AnchorFile:
    """One line of JSON per head. Best on another disk, owned by another user, append-only
    (`chattr +a`); what is read back is only ever compared."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Anchor]:
        """All anchors; a line torn by a crash is passed over, the next one covers it."""
        try:
            lines = self.path.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        found = (_parse(line, number) for number, line in enumerate(lines, start=1))
        return [anchor for anchor in found if anchor]

    def last(self) -> Anchor | None:
        """The newest anchor, without reading the whole file; its line is not counted (0)."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
                tail = file.read().decode("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return None
        found = (_parse(line, 0) for line in reversed(tail))
        return next((anchor for anchor in found if anchor), None)

    def append(self, *, service: str, ordinal: int, head: bytes, at: datetime) -> None:
        """Write one anchor through to the disk. Raises OSError when that fails."""
        # One that is there may be open to an auditor on purpose.
        self.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        is_new = not self.path.exists()
        line = json.dumps(
            {
                "service": service, "ordinal": ordinal, "head": head.hex(),
                "at": at.astimezone(UTC).isoformat(),
            }
        )  # fmt: skip
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = os.fstat(file).st_size
            torn = end > 0 and os.pread(file, 1, end - 1) != b"\n"
            whole = (("\n" if torn else "") + line + "\n").encode()
            if os.write(file, whole) < len(whole):  # a full disk takes what it can
                raise OSError(errno.ENOSPC, "the anchor could not be written whole")
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            sync_folder(self.path.parent)


def _parse(line: str, number: int) -> Anchor | None:
    try:
        told = json.loads(line)
        return Anchor(line=number, ordinal=int(told["ordinal"]), hash=bytes.fromhex(told["head"]))
    except (ValueError, KeyError, TypeError):
        return None
