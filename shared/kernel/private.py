"""Files and folders that only the account of the platform may read, whatever the umask says."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
PRIVATE_UMASK = 0o077
"""For processes of ours: whatever they make is closed to others from its first moment."""
OURS = ("*.db", "*.db-*", "*.lock", "keys/*", "anchors/*", "rejects/*", "installed/*")
"""What the platform itself puts into a data folder; what else lies there is not touched."""


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing and closed to others either way."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    _close(path, FOLDER_MODE)
    return path


def close_to_others(folder: Path) -> None:
    """Take a data folder and everything of ours in it away from other accounts: files of releases
    before, and those that the database's own library makes. What belongs to another account stays
    as it is."""
    private_folder(folder)
    for pattern in OURS:
        for path in folder.glob(pattern):
            if path.is_file():
                _close(path, FILE_MODE)
                if path.parent != folder:
                    _close(path.parent, FOLDER_MODE)


def write_private(path: Path, text: str, *, over: bool = True) -> None:
    """Write a small file whole or not at all, through to the disk; without `over` one that is
    there stays as it is."""
    private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if over:
        draft.replace(path)
    else:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """See that the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _close(path: Path, mode: int) -> None:
    with contextlib.suppress(PermissionError, FileNotFoundError):
        if path.stat().st_mode & 0o777 & ~mode:
            path.chmod(path.stat().st_mode & mode)
