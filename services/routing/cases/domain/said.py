"""What acts said, as the journal gives it back: the members that later steps read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Accepted:
    """受理; `simple`: by the simple procedure."""

    simple: bool = False


@dataclass(frozen=True, slots=True)
class Extended:
    """延期."""

    days: int
    reasons: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """中止: its last day, and the article of the rule it rests on."""

    until: date
    reasons: str
    article: str


@dataclass(frozen=True, slots=True)
class Recused:
    """回避: who withdraws."""

    recused: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """送达."""

    method: str
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """协议; `performance`: how it is to be fulfilled."""

    kind: str
    fulfil_by: date
    performance: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """申请复查、复核."""

    requested_on: date


@dataclass(frozen=True, slots=True)
class WithReasons:
    """An act with its reasons."""

    reasons: str
