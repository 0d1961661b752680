"""One serving process per data folder (decision 0017): a lock the system drops with the process."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from shared.kernel.private import FILE_MODE, private_folder


@dataclass(frozen=True, slots=True)
class Holder:
    """Who serves a folder. `url` is empty until it listens, or where nobody told."""

    pid: int
    url: str


class FolderBusy(RuntimeError):
    """Another process serves this data folder."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(f"process {holder.pid} serves this folder {holder.url}".rstrip())
        self.holder = holder


class FolderLock:
    """Exclusive use of a data folder; may be entered again by the one who holds it."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "serving.lock"
        self._file: TextIO | None = None
        self._depth = 0

    def __enter__(self) -> Self:
        """Take the lock. Raises FolderBusy when another process has it."""
        if self._file is None:
            private_folder(self._path.parent)
            made = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, FILE_MODE)
            file = os.fdopen(made, "a+", encoding="utf-8")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                busy = FolderBusy(_read(file))
                file.close()
                raise busy from None
            self._file = file
            self.announce("")
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back when the outermost holder leaves."""
        self._depth -= 1
        if self._depth == 0 and self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def announce(self, url: str) -> None:
        """Tell other commands where this process listens."""
        if self._file is None:
            raise RuntimeError("only the holder of the lock can announce an address")
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "url": url}, self._file)
        self._file.flush()


def _read(file: TextIO) -> Holder:
    file.seek(0)
    try:
        told = json.loads(file.read())
        return Holder(int(told["pid"]), str(told["url"]))
    except (ValueError, KeyError, TypeError):
        return Holder(0, "")
