"""What supervision needs to know of petitions and cases, as plain values.

Whole facts, not steps: the newest facts alone decide which duties exist, so the order and the
number of messages that brought them do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Handover(StrEnum):
    """Kind of a referral: 转送, 交办, 本机关办理, 引导."""

    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OWN = "own"
    GUIDE = "guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class PetitionFacts:
    """A registered petition: starts the receiving organ's own duty."""

    petition_id: UUID
    purpose: str
    received_by: str
    received_division: str
    by_petition_office: bool
    received_on: date
    notice_owed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An approved extension (Art. 34): days added and the day the organ's head approved it."""

    days: int
    approved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFacts:
    """One organ's hold of a case."""

    ordinal: int
    kind: Handover
    organ_code: str
    organ_division: str
    from_organ: str
    from_division: str
    referred_on: date
    assigned_due_on: date | None = None
    objected_on: date | None = None
    upheld: bool = False
    verdict_on: date | None = None
    accepted_on: date | None = None
    answered_on: date | None = None
    delivered_on: date | None = None
    extension: Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """Where imported history came from and when it was answered, if ever."""

    source: str
    answered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case with all its referrals, oldest first."""

    case_id: UUID
    petition_ids: tuple[UUID, ...]
    purpose: str
    received_by: str
    received_division: str
    by_petition_office: bool
    received_on: date
    notice_owed: bool
    decided_on: date | None = None
    closed_on: date | None = None
    referrals: tuple[ReferralFacts, ...] = ()
    history: HistoryFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFacts:
    """A case and the petitions known of it; or petitions no case is known of yet."""

    petitions: tuple[PetitionFacts, ...]
    case: CaseFacts | None = None
