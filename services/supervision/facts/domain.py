"""What supervision needs to know of petitions and cases, as plain values.

Whole facts, not steps: the newest facts alone decide which duties exist, so the order and the
number of messages that brought them do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.vocabulary.cases import ReferralKind
from shared.vocabulary.duties import Stop


class WaitKind(StrEnum):
    """What a case without a hold waits for: a destination, or the government's decision (报请)."""

    REDIRECT = "redirect"
    PUT_UP = "put_up"


ACCUSATION = "accusation"
REDO = "redo"
"""Opinion of a review that sends the case back to the organ that handled it (责令重新办理)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PetitionFacts:
    """A registered petition: starts the receiving organ's own duty. `complained_organ` is the one
    it complains of, as declared."""

    petition_id: UUID
    purpose: str
    received_by: str
    received_division: str
    by_petition_office: bool
    received_on: date
    notice_owed: bool
    complained_organ: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An approved extension (Art. 34): days added and the day the organ's head approved it."""

    days: int
    approved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A hearing that is over or a suspension, both days included. The limit row says whether its
    days count; those of a hearing in a re-review do not (Art. 36)."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A time the case was with the organ that decides where it goes, told by no hold."""

    kind: WaitKind
    since: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A paper the petitioner is owed, and the day it was told."""

    ordinal: int
    organ_code: str
    division_code: str
    owed_on: date
    told_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An assisting organ's part in a joint matter (会办, Art. 24), with the day its opinion is due.

    `answered_on` is that of an opinion the lead did not return."""

    ordinal: int
    organ_code: str
    division_code: str
    assigned_on: date
    due_on: date
    answered_on: date | None
    excused_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFacts:
    """One organ's hold of a case.

    `reports`: its events tell of closing reports. Older ones do not; of those an answer alone says
    that an assignment was reported back."""

    ordinal: int
    kind: ReferralKind
    organ_code: str
    organ_division: str
    from_organ: str
    referred_on: date
    assigned_due_on: date | None = None
    objected_on: date | None = None
    upheld: bool = False
    verdict_on: date | None = None
    accepted_on: date | None = None
    answered_on: date | None = None
    delivered_on: date | None = None
    ended_on: date | None = None
    opinion: str | None = None
    simple: bool = False
    extension: Extension | None = None
    hearings: tuple[Pause, ...] = ()
    suspensions: tuple[Pause, ...] = ()
    agreed_on: date | None = None
    reports: bool = False
    reported_on: date | None = None
    report_judged_on: date | None = None
    carry_out: bool = False
    carried_out_on: date | None = None

    @property
    def pauses(self) -> Mapping[Stop, tuple[Pause, ...]]:
        """Days that do not count where the limit row stops for them."""
        return {Stop.HEARING: self.hearings, Stop.SUSPENSION: self.suspensions}

    @property
    def is_review(self) -> bool:
        """Whether it reviews what another hold did (Art. 35, 36)."""
        return self.kind in (ReferralKind.REVIEW, ReferralKind.RE_REVIEW)

    @property
    def is_redo(self) -> bool:
        """Whether it is a review that ordered the matter done again."""
        return self.is_review and self.opinion == REDO


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """Where imported history came from and when it was answered, if ever."""

    source: str
    answered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case with all its referrals, waits, papers and parts, oldest first.

    `refused`: it ended as 不予受理 or 不再受理; `decider` (None in older events) is the organ that
    decides where it goes."""

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
    refused: bool = False
    decider: str | None = None
    waits: tuple[Wait, ...] = ()
    notices: tuple[Notice, ...] = ()
    parts: tuple[Part, ...] = ()
    hidden_from: str | None = None
    referrals: tuple[ReferralFacts, ...] = ()
    history: HistoryFacts | None = None

    @property
    def was_kept(self) -> bool:
        """Whether the organ that received it kept it at once: did not ask the government first, nor
        refuse it and take it up again."""
        first = self.referrals[0] if self.referrals else None
        return (
            first is not None
            and first.kind is ReferralKind.OWN
            and (self.decider is None or first.organ_code == self.received_by)
            and not any(wait.since <= first.referred_on for wait in self.waits)
        )


def hidden_from(petition: PetitionFacts | None, case: CaseFacts | None) -> str | None:
    """The organ that must not learn of a petition, nor those under it: the one an accusation
    complains of (Art. 30). What was decided of the purpose wins over what was declared."""
    if case is not None and case.hidden_from is not None:
        return case.hidden_from
    purpose = case.purpose if case is not None else petition and petition.purpose
    return petition.complained_organ if petition and purpose == ACCUSATION else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFacts:
    """A case and the petitions known of it; or petitions no case is known of yet."""

    petitions: tuple[PetitionFacts, ...]
    case: CaseFacts | None = None
