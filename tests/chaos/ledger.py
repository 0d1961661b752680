"""The outside ledger: one fsynced line before each attempt and one after; the system never sees it.

What it says was acknowledged must exist; what it never attempted must not.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Filing:
    """One petition under one idempotency key; `receipt` once it was acknowledged."""

    key: str
    body: dict[str, Any]
    receipt: dict[str, Any] | None = None
    tries: int = 0
    case: dict[str, Any] | None = None
    acts: list[str] = field(default_factory=list)  # acknowledged, in order
    unsure: bool = False  # the last act's answer never came


class Ledger:
    """See the module."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self.filings: dict[str, Filing] = {}

    @property
    def acknowledged(self) -> list[Filing]:
        """Filings a client holds a receipt for."""
        return [each for each in self.filings.values() if each.receipt]

    @property
    def indeterminate(self) -> list[Filing]:
        """Filings of which nobody knows what became of them."""
        return [each for each in self.filings.values() if not each.receipt]

    def before(self, what: str, key: str, body: dict[str, Any]) -> None:
        """Durably note that something is about to be tried."""
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        self._write({"try": what, "key": key, "body": digest})

    def after(self, what: str, key: str, answer: object) -> None:
        """Durably note what was answered."""
        self._write({"got": what, "key": key, "answer": answer})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps(line | {"at": time.monotonic()}, ensure_ascii=False)
        self._file.write(text.encode() + b"\n")
        os.fsync(self._file.fileno())
