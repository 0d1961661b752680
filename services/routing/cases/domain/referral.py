"""What a case is made of: one organ's hold of it, one act done, where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.routing.cases.domain.case_steps import REVIEWS
from shared.vocabulary.cases import Opinion, ReferralKind, ReferralState, Route
from shared.workflow import journal


@dataclass(slots=True, kw_only=True)
class Referral:
    """One organ's hold of a case. Dates are legal local days."""

    referral_id: UUID
    ordinal: int
    kind: ReferralKind
    organ_code: str
    organ_division: str
    from_organ: str
    referred_on: date
    state: ReferralState = ReferralState.PENDING
    assigned_due_on: date | None = None
    guided_to: str | None = None
    route: Route | None = None
    objected_on: date | None = None
    objection_reasons: str | None = None
    verdict: str | None = None
    verdict_on: date | None = None
    verdict_reasons: str | None = None
    accepted_on: date | None = None
    answered_on: date | None = None
    opinion: Opinion | None = None
    answer_text: str | None = None
    legal_basis: str | None = None
    delivered_on: date | None = None
    delivery_method: str | None = None
    ended_on: date | None = None

    @property
    def is_review(self) -> bool:
        """Whether it is a review or a re-review of somebody else's handling."""
        return self.kind in REVIEWS

    @property
    def is_over(self) -> bool:
        """Whether the organ gave it back or passed it on."""
        return self.state in (ReferralState.RETURNED, ReferralState.PASSED)


@dataclass(frozen=True, slots=True)
class Done(journal.Done):
    """One act of a case; `referral` is the ordinal of its hold (0 before the first)."""

    referral: int = field(kw_only=True)


@dataclass(slots=True, kw_only=True)
class Notice:
    """A paper the petitioner is owed since a day; `told_on` is when it reached the person."""

    notice_id: UUID
    ordinal: int
    kind: str
    number: str
    organ_code: str
    referral: int
    owed_on: date
    told_on: date | None = None
    method: str | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Where an imported case came from and when it was answered there."""

    source: str
    source_id: str
    answered_on: date | None
