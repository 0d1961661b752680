"""What a summary is asked for, and what its reader may see."""

from __future__ import annotations

from dataclasses import dataclass

from services.analytics.registry.domain.period import Period


@dataclass(frozen=True, slots=True)
class SummaryQuery:
    """What a summary is asked for; None means no restriction.

    `division` and `category` are codes whose whole subtree counts."""

    period: Period
    division: str | None = None
    organ: str | None = None
    category: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Visibility:
    """What the reader may see: ranges of 12-digit division codes, and organs; else nothing. Nor
    accusations of an organ in `above`: the reader's own and all they are under (Art. 30)."""

    divisions: tuple[tuple[str, str], ...] = ()
    organs: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()


EVERYTHING = Visibility(divisions=(("", "9" * 12),))
"""For the operator's own commands on the machine."""
