"""What opens the vault, how often, and how much of a petitioner each purpose shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

WINDOW = timedelta(hours=1)
"""The rolling window in which reveals of one person are counted."""
SKEW = timedelta(seconds=5)
"""How far routing's clock may be ahead of ours."""
LONGEST = timedelta(seconds=60)
"""No grant holds longer, whatever it says (decisions 7)."""

SHOWN: Mapping[str, tuple[str, ...]] = {
    "identity": ("name", "id_number"),
    "contact": ("name", "phone", "email"),
    "deliver": ("name", "phone", "address"),
    "same_matter": ("name", "id_number"),
}
"""Fields each purpose shows, no more than its work needs (个人信息保护法 Art. 6). A purpose that is
not here shows no identity and is not counted."""


class Flaw(StrEnum):
    """Why a grant does not open; for the audit only, the bearer is not told."""

    UNREADABLE = "unreadable"
    EXPIRED = "expired"
    ITEM = "other_item"
    PERSON = "other_person"
    PURPOSE = "other_purpose"
    POST = "post_changed"
    CASE = "case_changed"
    USED = "used"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a grant says, already proven to come from routing."""

    person: str
    purpose: str
    item: str
    issued_at: datetime
    ends_at: datetime
    post_version: int
    case_rank: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Known:
    """What intake itself knows at this moment. `item` is None where there is nothing to open,
    `post_version` None where the post named is not in force or does not open this route,
    `case_rank` None where no case of that id is known to hold the petition."""

    person: str
    purpose: str
    item: str | None
    post_version: int | None
    case_rank: tuple[int, int] | None
    is_used: bool
    needs_case: bool


def flaw_of(claim: Claim, known: Known, *, now: datetime) -> Flaw | None:
    """The first reason why the grant does not open the item, None when it does."""
    in_time = claim.issued_at - SKEW <= now < claim.ends_at <= claim.issued_at + LONGEST
    case_holds = known.case_rank is not None and known.case_rank <= claim.case_rank
    wrong = {
        Flaw.EXPIRED: not in_time,
        Flaw.PERSON: claim.person != known.person,
        Flaw.PURPOSE: claim.purpose != known.purpose,
        Flaw.ITEM: known.item is None or claim.item != known.item,
        Flaw.POST: claim.post_version != known.post_version,
        Flaw.CASE: known.needs_case and not case_holds,
        Flaw.USED: known.is_used,
    }
    return next((flaw for flaw, is_so in wrong.items() if is_so), None)


def seconds_to_wait(recent: Sequence[datetime], *, most: int, now: datetime) -> int:
    """Until when the next reveal has to wait, given the newest `most` of the last hour, newest
    first; 0 when it may be made now."""
    if len(recent) < most:
        return 0
    return max(1, ceil((recent[most - 1] + WINDOW - now).total_seconds()))


def is_strong(
    age_seconds: float | None,
    methods: frozenset[str],
    level: str | None,
    *,
    max_age: timedelta,
    second_factors: frozenset[str],
    levels: frozenset[str],
) -> bool:
    """Whether a login was made with a second factor, and not longer ago than `max_age`."""
    if age_seconds is None or not -SKEW.total_seconds() <= age_seconds <= max_age.total_seconds():
        return False
    return level in levels or bool(methods & second_factors)
