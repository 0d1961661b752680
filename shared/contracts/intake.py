"""What intake tells the others. Facts carry no text; text travels masked, to routing alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import EventData, Facts
from shared.vocabulary.petitions import CategoryBy, Channel, Origin, Purpose


class HistoryFacts(Facts):
    """Where an imported petition came from and how it ended there."""

    source: str = Field(description="Mapping it was read with; also selects the limit row.")
    source_id: str = Field(description="Identity of the row at its source, never its text.")
    answered_on: date | None = Field(description="Local date of the answer, None if unanswered.")


class PetitionFacts(Facts):
    """All that is countable about one petition (信访件). No name, no text, no address."""

    petition_id: UUID
    number: str = Field(description="The number people see; carries no running count.")
    matter_id: UUID
    channel: Channel
    origin: Origin
    purpose: Purpose
    category_code: str | None = Field(description="Six digits, two per level.")
    category_by: CategoryBy
    category_confidence: float | None
    division_code: str | None = Field(description="Place of the matter as declared, 12 digits.")
    complained_organ: str | None = Field(description="Organ code complained of, as declared.")
    also_complained: list[str] = Field(
        default_factory=list,
        description="Further organs an accusation is kept from like the one complained of: of a "
        "report of retaliation the one that handled the earlier petition.",
    )
    received_by: str = Field(description="Code of the organ that received the petition.")
    receiving_tier: int = Field(description="受理层级: level of that organ's division, 1 to 5.")
    received_on: date = Field(description="收到日期, local date (decisions 3).")
    registered_at: datetime = Field(description="Server clock at registration, UTC.")
    head_count: int
    person_times: int = Field(description="人次 by the counting rules of product.md, at least 1.")
    batch: bool = Field(description="Counts as one 批次; true for visits only.")
    repeat: bool = Field(description="重复件 as declared at registration.")
    joint: bool = Field(description="联名: signed by more than one person.")
    notice_owed: bool = Field(description="False when name or address is unclear, Art. 23(2).")
    history: HistoryFacts | None = None
    editions: dict[str, str] = Field(
        default_factory=dict, description="Reference kind -> edition id used at registration."
    )


class PetitionRegisteredV1(EventData):
    """A petition was registered (登记). Its legal clocks start from `received_on`.

    Not published for sealed petitions and not for imported history."""

    TYPE: ClassVar[str] = "intake.petition.registered.v1"
    SUBJECT: ClassVar[str] = "petition"

    petition: PetitionFacts


class HistoryImportedV1(EventData):
    """A petition that already lived elsewhere was taken over with its own dates (decisions 17).

    Count it and judge its duties by those dates, silently: no warning, notice or raising."""

    TYPE: ClassVar[str] = "intake.history.imported.v1"
    SUBJECT: ClassVar[str] = "petition"

    petition: PetitionFacts


class PetitionContentV1(EventData):
    """The masked words of a petition with its facts, for routing and the topic worker only.

    Routing opens the case from this event alone, so it needs no join with the facts event."""

    TYPE: ClassVar[str] = "intake.content.masked.v1"
    SUBJECT: ClassVar[str] = "content"

    petition: PetitionFacts
    title: str = Field(description="Masked subject line.")
    text: str = Field(description="Masked text, at most 20,000 characters.")
    place: str | None = Field(description="Masked place of the matter as written.")
    located_by_subject_alone: bool = Field(
        default=False,
        description="Imported history: unless declared, the place of the matter is the one county "
        "the subject (`title`) names, and undetermined where it names none or more.",
    )
    sealed_id: UUID | None = Field(
        default=None, description="Set when a person un-sealed it: the queue item that ends now."
    )
    retaliation_matter_id: UUID | None = Field(
        default=None,
        description="Of an un-sealed report of retaliation: the matter of the earlier petition, "
        "which stays open until this one's case has ended.",
    )


class PetitionSealedV1(EventData):
    """Something was filed that nobody outside the petition office may know of (decisions 4).

    An opaque id, a class and a level; no content, no number, no division. Of a report of
    retaliation also the matter that must stay open meanwhile. Bound by routing alone.
    """

    TYPE: ClassVar[str] = "intake.sealed.held.v1"
    SUBJECT: ClassVar[str] = "sealed"

    sealed_id: UUID = Field(description="Random; not the petition's id.")
    sealed_class: str = Field(
        description="accusation_declared | accusation_suspected | may_accuse_recipient | "
        "retaliation"
    )
    level: int = Field(description="Level of the receiving division, 1 to 5.")
    retaliation_matter_id: UUID | None = Field(
        default=None,
        description="Matter of the earlier petition for which retaliation is reported, if known.",
    )
    opener: str | None = Field(
        default=None,
        description="Organ before which it is put. Empty: nobody in this deployment may decide on "
        "it. None, of older events: the petition office of the root.",
    )


class PetitionWithdrawnV1(EventData):
    """How the petitioner's own withdrawal (撤回) of a petition stands now: made, or taken back.

    Its subject is the withdrawal, one of each petition; the newest event alone counts. Nothing
    stops and nothing ends by it: after `revocable_until` the organ may end the case. Of a sealed
    petition nothing is told until it is un-sealed. Bound by routing alone."""

    TYPE: ClassVar[str] = "intake.petition.withdrawn.v1"
    SUBJECT: ClassVar[str] = "withdrawal"

    petition_id: UUID
    withdrawn_on: date | None = Field(description="None: taken back.")
    revocable_until: date | None = Field(description="Last day to take it back; None: it was.")
