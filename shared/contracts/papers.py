"""Papers on their way (文书): routing tells what is owed, intake what was delivered.

What they say is for the petitioner, so each is bound by one service alone.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import EventData, Facts

SlotValue = str | int | list[list[str]]
"""A date is ISO text, a table is a list of rows."""


class PaperFacts(Facts):
    """A paper the petitioners of a case are owed (文书)."""

    notice_id: UUID
    case_id: UUID
    petition_ids: list[UUID] = Field(description="Petitions of the case when it became owed.")
    ordinal: int = Field(description="1 for the first paper of the case.")
    kind: str
    number: str = Field(description="文号.")
    organ_code: str = Field(description="Organ that owes it.")
    owed_on: date
    owed_always: bool = Field(
        description="Owed also where name or address is unclear, Art. 23(2): the answer itself."
    )


class NoticeEvent(EventData):
    """Base of both: subject `notice/<notice_id>`, sequence 1 when owed, 2 when told. Its words
    are for the petitioner: bound by intake alone."""

    SUBJECT: ClassVar[str] = "notice"

    paper: PaperFacts


class NoticeOwedV1(NoticeEvent):
    """A paper is owed to the petitioners: intake fills in name and address and delivers it.

    Carries the values of all slots but those two, and which text of the template they are for."""

    TYPE: ClassVar[str] = "routing.notice.owed.v1"

    title: str = Field(description="What it is called, in Chinese.")
    template: str | None = Field(description="Code of the template; None: written by hand.")
    template_edition: str | None
    template_sha256: str | None = Field(description="Of the template's text, hex.")
    values: dict[str, SlotValue] = Field(
        description="Slot -> value: masked words of the petition and words of the organ."
    )


class NoticeToldV1(NoticeEvent):
    """A paper has reached all petitioners it is owed to, however: nothing is left to do."""

    TYPE: ClassVar[str] = "routing.notice.told.v1"

    told_on: date
    method: str | None


class PaperDeliveredV1(EventData):
    """A paper a petition is owed reached its petitioner, or was refused, which is delivery too.

    Its subject is the paper, delivered once. Routing records the notice as told when nobody who
    can be reached still waits for theirs; told already, this changes nothing."""

    TYPE: ClassVar[str] = "intake.paper.delivered.v1"
    SUBJECT: ClassVar[str] = "paper"

    paper_id: UUID
    notice_id: UUID
    case_id: UUID
    petition_id: UUID
    ordinal: int = Field(description="Of the paper in its case.")
    method: str = Field(description="in_person | post | online | phone | other")
    refused: bool = Field(description="The person would not take it, which was noted.")
    proof: str | None = Field(description="What proves it, masked: a receipt's number.")
    sha256: str | None = Field(description="Of the PDF delivered, hex; None: written by hand.")
    delivered_on: date
    person: str = Field(description="Subject of the token of who recorded it; opaque.")
    outstanding: int = Field(
        description="Papers of the same notice still owed to other petitioners with name and "
        "address."
    )
