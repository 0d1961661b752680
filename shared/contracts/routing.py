"""What routing tells the others. Every case event carries the whole case: the higher wins."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import EventData, Facts
from shared.contracts.intake import HistoryFacts
from shared.vocabulary.cases import CaseState, PartRole, ReferralKind, ReferralState
from shared.vocabulary.petitions import Purpose
from shared.vocabulary.posts import Role


class Days(Facts):
    """From a day to a day, both included."""

    first: date
    last: date


class ReferralFacts(Facts):
    """One organ's hold of a case (流转)."""

    referral_id: UUID
    ordinal: int = Field(description="1 for the first referral of the case.")
    kind: ReferralKind
    organ_code: str
    organ_division: str = Field(description="12-digit division of the organ.")
    from_organ: str = Field(description="Organ that handed it over.")
    state: ReferralState
    referred_on: date = Field(description="Day the organ received it, local date.")
    assigned_due_on: date | None = Field(description="Period set by the sender of a 交办.")
    objected_on: date | None
    verdict: str | None = Field(description="Sender's verdict on an objection: upheld | refused.")
    verdict_on: date | None
    accepted_on: date | None
    answered_on: date | None
    opinion: str | None = Field(description="Kind of opinion, see glossary.")
    delivered_on: date | None
    guided_to: str | None = Field(
        default=None, description="Organ of the statutory route, for kind guide (Art. 22, 31)."
    )
    route: str | None = Field(default=None, description="Statutory route, Art. 31(1)-(5).")
    ended_on: date | None = Field(
        default=None, description="Day the organ's hold ended: returned, passed on, delivered."
    )
    signed_on: date | None = None
    simple: bool = Field(default=False, description="The simple procedure is used.")
    extension_days: int = Field(default=0, description="Days of the one extension (Art. 34).")
    extension_approved_on: date | None = None
    hearings: list[Days] = Field(
        default_factory=list, description="Hearings that are over; not counted in a re-review."
    )
    suspensions: list[Days] = Field(
        default_factory=list,
        description="Days handling was suspended or is to be; counted, unless the limit in force"
        " has a rule of suspension.",
    )
    agreed_on: date | None = Field(
        default=None, description="Day of an agreement not broken since (Art. 33)."
    )
    reported_on: date | None = Field(
        default=None, description="Day of the closing report that was not returned (Art. 22(3))."
    )
    report_judged_on: date | None = Field(
        default=None, description="Day the assigner took that report."
    )
    carry_out: bool = Field(default=False, description="The opinion is one to be carried out.")
    carried_out_on: date | None = None


class NoticeFacts(Facts):
    """A paper the petitioner is owed."""

    ordinal: int = Field(description="1 for the first paper of the case.")
    kind: str
    organ_code: str
    owed_on: date
    told_on: date | None = Field(description="Day it reached the petitioner.")


class PartFacts(Facts):
    """One assisting organ's part in a joint matter (会办); the organ that has the case leads."""

    part_id: UUID
    ordinal: int = Field(description="1 for the first part of the case.")
    referral: int = Field(description="Ordinal of the hold it was shared out in.")
    organ_code: str
    organ_division: str = Field(description="12-digit division of the organ.")
    from_organ: str = Field(description="Organ that shared it out.")
    role: PartRole
    assigned_on: date
    due_on: date
    answered_on: date | None = Field(description="Day of its opinion that was not returned.")
    verdict: str | None = Field(description="The lead's verdict: accepted | returned.")
    verdict_on: date | None
    excused_on: date | None = Field(description="Day from which nothing is owed any more.")


class WaitFacts(Facts):
    """A time the case waited for a destination, or for the Party committee or government."""

    kind: str = Field(description="redirect | put_up")
    since: date
    until: date | None


class CaseFacts(Facts):
    """All that is countable about one case. No name, no text."""

    case_id: UUID
    matter_id: UUID
    petition_ids: list[UUID]
    number: str = Field(description="Number of the first petition.")
    state: CaseState
    purpose: Purpose
    category_code: str | None
    division_code: str | None = Field(description="Place of the matter as decided, 12 digits.")
    received_by: str = Field(description="Organ that received the petition; owes D1 or D2.")
    received_by_petition_office: bool
    received_on: date
    decided_on: date | None = Field(description="Day of the first referral or own handling.")
    decision_kind: str = Field(description="transfer|assignment|own|guide|needs_person|imported")
    decision_confidence: str = Field(description="certain | likely | unsure | person")
    needs_person_reason: str | None = Field(description="Code of the reason, None when routed.")
    notice_owed: bool
    referrals: list[ReferralFacts]
    answered_on: date | None
    delivered_on: date | None
    closed_on: date | None
    closing_kind: str | None = Field(default=None, description="How it ended, see glossary.")
    solved_on: date | None = Field(default=None, description="Day the dispute itself was solved.")
    settled_on: date | None = Field(default=None, description="Day it was settled for good.")
    decider: str | None = Field(default=None, description="Organ that decides where it goes.")
    waits: list[WaitFacts] = Field(default_factory=list)
    notices: list[NoticeFacts] = Field(default_factory=list)
    parts: list[PartFacts] = Field(
        default_factory=list, description="Joint handling: open ones keep the opinion back."
    )
    hidden_from: str | None = Field(
        default=None,
        description="Organ an accusation complains of, or may while a person looks: it and those "
        "under it see none.",
    )
    also_hidden_from: list[str] = Field(
        default_factory=list,
        description="Further organs it is hidden from in the same way, as the one that handled the "
        "petition for which retaliation is reported.",
    )
    history: HistoryFacts | None = None
    editions: dict[str, str] = Field(default_factory=dict)


class CaseEvent(EventData):
    """Base of all case events: subject `case/<case_id>`, sequence = version of the case."""

    SUBJECT: ClassVar[str] = "case"

    case: CaseFacts


class CaseOpenedV1(CaseEvent):
    """A case was opened that waits for a person to decide where it goes."""

    TYPE: ClassVar[str] = "routing.case.opened.v1"


class CaseReferredV1(CaseEvent):
    """A case was handed to an organ (or kept, or the person guided elsewhere).

    From the last referral's `referred_on` the organ has 15 days to accept and 5 working days to
    object (Art. 23(3)). May be the first event of a case."""

    TYPE: ClassVar[str] = "routing.case.referred.v1"


class CaseAcceptedV1(CaseEvent):
    """The competent organ accepted (受理). The handling limit runs from `accepted_on`, Art. 34."""

    TYPE: ClassVar[str] = "routing.case.accepted.v1"


class CaseObjectedV1(CaseEvent):
    """The organ objected (异议) with reasons; it keeps the case until the sender's verdict."""

    TYPE: ClassVar[str] = "routing.case.objected.v1"


class CaseObjectionDecidedV1(CaseEvent):
    """The sender decided on an objection: upheld (needs a new destination) or refused."""

    TYPE: ClassVar[str] = "routing.case.objection_decided.v1"


class CaseAnsweredV1(CaseEvent):
    """The organ issued its written opinion (信访处理意见书), Art. 32."""

    TYPE: ClassVar[str] = "routing.case.answered.v1"


class CaseDeliveredV1(CaseEvent):
    """The opinion was delivered (送达); the case is closed until a review is asked for, Art. 35."""

    TYPE: ClassVar[str] = "routing.case.delivered.v1"


class CaseProgressedV1(CaseEvent):
    """Something else was done in a case: `act` is the act of routing's procedure table
    (`GET /routing/v1/procedure`). The case has all that follows from it."""

    TYPE: ClassVar[str] = "routing.case.progressed.v1"

    act: str


class CaseImportedV1(CaseEvent):
    """A case taken over from history, opened in its end state (decisions 17). Stay silent."""

    TYPE: ClassVar[str] = "routing.case.imported.v1"


class PostFacts(Facts):
    """A person's post at an organ: the only ground for rights (decisions 7)."""

    post_id: UUID
    person: str = Field(description="Subject of the person's token; opaque.")
    organ_code: str
    division_code: str = Field(description="12-digit division of the organ.")
    role: Role
    valid_from: datetime
    valid_to: datetime | None


class PostChangedV1(EventData):
    """A post was given, changed or ended. Every service keeps its own copy, in force within 2 s."""

    TYPE: ClassVar[str] = "routing.post.changed.v1"
    SUBJECT: ClassVar[str] = "post"

    post: PostFacts


class EditionPublishedV1(EventData):
    """A new immutable edition of reference data, whole, for every service to load (decisions 8)."""

    TYPE: ClassVar[str] = "routing.edition.published.v1"
    SUBJECT: ClassVar[str] = "edition"

    kind: str = Field(description="divisions | organs | categories | competence | calendar | …")
    edition_id: str
    effective_on: date
    sha256: str = Field(description="Of the uncompressed content, hex.")
    content_xz_base64: str = Field(description="The file, xz-compressed, base64.")


class GrantKeyPublishedV1(EventData):
    """A public key with which routing's case grants are checked (decisions 7), or its end.

    Several may be in force: while keys are changed, the new one is known before it signs. Keep
    every key by its id; the higher rank wins."""

    TYPE: ClassVar[str] = "routing.grant_key.published.v1"
    SUBJECT: ClassVar[str] = "grantkey"

    key_id: str = Field(description="`kid` in the header of the grants it checks.")
    public_key: str = Field(description="Ed25519 public key, 32 bytes, base64url without padding.")
    valid_from: datetime
    valid_to: datetime | None = Field(description="None while routing may still sign with it.")


class QueueUnattendedV1(EventData):
    """Whether something waits on which nobody in this deployment may decide: it accuses those who
    would, and no other organ that might has a person in office. Nothing tells what it is, of whom,
    or how many; the newest event alone counts. Published when it changes and at every start."""

    TYPE: ClassVar[str] = "routing.queue.unattended.v1"
    SUBJECT: ClassVar[str] = "queue"

    waits: bool
