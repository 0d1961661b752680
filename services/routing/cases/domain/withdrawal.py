"""Withdrawal (撤回) of a whole case: the petitioners' own act, told by intake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """All petitions of a case are withdrawn: since when, and the last day to take one back."""

    withdrawn_on: date
    revocable_until: date
