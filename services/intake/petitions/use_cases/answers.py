"""First answers of intake lie encrypted: a receipt shows the query code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from services.intake.context.use_cases import IntakeContext

ANSWERS_KEPT = timedelta(days=400)
"""Longer than any replay of a filing: a county system may push last year's letters again."""
_FIELD = "answer"


@dataclass(frozen=True, slots=True)
class ShownCode:
    """The query code a receipt showed, and the number it belongs to."""

    number: str
    query_code: str


def code_shown_in(text: str) -> ShownCode | None:
    """The code in an answer that was kept, by this release or by one before; None without one."""
    try:
        told = json.loads(text)
        receipt = json.loads(told["body"]) if "body" in told else told
        return ShownCode(receipt["number"], receipt["query_code"])
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class VaultAnswers:
    """Keeps answers under the keys of the vault (shared/web/once.py)."""

    context: IntakeContext

    def digest(self, *parts: str) -> str:
        """A keyed digest: whoever reads the table can't try keys against it."""
        return self.context.digest(*parts)

    def conceal(self, key: str, text: str) -> str:
        """The text, encrypted for this key."""
        return self.context.cipher.encrypt(text, owner=key, field=_FIELD)

    def reveal(self, key: str, stored: str) -> str:
        """The text again. Raises VaultSealed."""
        return self.context.cipher.decrypt(stored, owner=key, field=_FIELD)
