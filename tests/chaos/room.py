"""A small disk of our own (tmpfs) that can be filled to the last byte and emptied again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.chaos.tools import ToolMissing, program

BALLAST = "ballast"
STEP = 1 << 20


class Room:
    """A mounted folder of a given size. Raises ToolMissing for who may not mount."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        if os.getuid() != 0:
            raise ToolMissing("right to mount")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        size = f"size={megabytes}m"
        done = subprocess.run(
            [program("mount"), "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
            check=False, capture_output=True,
        )  # fmt: skip
        if done.returncode:
            raise ToolMissing("right to mount")

    def fill(self) -> None:
        """Leave no byte; harmless to repeat when something was freed meanwhile."""
        file = os.open(self.folder / BALLAST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = STEP
            while size:
                try:
                    os.write(file, b"\0" * size)
                except OSError:
                    size //= 2
        finally:
            os.close(file)

    def free(self) -> None:
        """Give the room back."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def close(self) -> None:
        """Take the disk away; whoever still uses a file on it keeps that file."""
        subprocess.run([program("umount"), "-l", str(self.folder)], check=False)
