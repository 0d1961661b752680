"""First answers of intake lie encrypted: a receipt shows the query code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.intake.desk.use_cases import Desk

ANSWERS_KEPT = timedelta(days=400)
"""Longer than any replay of a filing: a county system may push last year's letters again."""
_FIELD = "answer"


@dataclass(frozen=True, slots=True)
class VaultAnswers:
    """Keeps answers under the keys of the vault (shared/web/once.py)."""

    desk: Desk

    def digest(self, *parts: str) -> str:
        """A keyed digest: whoever reads the table can't try keys against it."""
        return self.desk.digest(*parts)

    def conceal(self, key: str, text: str) -> str:
        """The text, encrypted for this key."""
        return self.desk.cipher.encrypt(text, owner=key, field=_FIELD)

    def reveal(self, key: str, stored: str) -> str:
        """The text again. Raises VaultSealed."""
        return self.desk.cipher.decrypt(stored, owner=key, field=_FIELD)
