"""Filings and receipts as JSON, alike for the API and for pushes of partners."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.intake.petitions.domain.filing import SUBJECT_LIMIT, TEXT_LIMIT
from services.intake.petitions.domain.petition import Filing, Petitioner, Receipt
from shared.vocabulary.petitions import Channel, Origin, Purpose
from shared.web.bodies import Day, Flag, Whole

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=SUBJECT_LIMIT)]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")]


class Strict(BaseModel):
    """Base of requests."""

    model_config = ConfigDict(extra="forbid")


class PetitionerIn(Strict):
    """A petitioner or representative; goes into the vault only."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    id_number: Short = ""
    phone: Short = ""
    email: Short = ""
    address: Line = ""


class PushedPetition(Strict):
    """A petition as anybody files it."""

    channel: Channel = Channel.ONLINE
    purpose: Purpose = Field(default=Purpose.UNCERTAIN, description="说不准时填 uncertain")
    subject: Annotated[str, StringConstraints(min_length=1, max_length=SUBJECT_LIMIT)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT)]
    place: Line = Field(default="", description="问题发生地")
    division_code: DivisionCode | None = None
    category_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None
    complained_organ: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description="被反映机关单位的代码"
    )
    complained: Line = Field(default="", description="被反映对象（文字）")
    petitioners: list[PetitionerIn] = Field(default_factory=list, max_length=50)
    anonymous: Flag = False
    head_count: Whole = Field(default=0, ge=0, le=100_000)
    representatives: Whole = Field(default=0, ge=0, le=5)
    repeat: Flag = Field(default=False, description="是否重复件（据信访人所述）")
    received_on: Day | None = Field(
        default=None, description="收到日期；来信、来访、传真必填，网上、电话由系统确定"
    )

    def filing(self, *, origin: Origin, external_id: str | None = None) -> Filing:
        """As the domain reads it."""
        plain = self.model_dump(exclude={"petitioners", "origin", "received_by", "external_id"})
        people = tuple(Petitioner(**person.model_dump()) for person in self.petitioners)
        return Filing(**plain, petitioners=people, origin=origin, external_id=external_id)


class NextStepOut(BaseModel):
    """What happens next and by when."""

    what: str
    by: date
    article: str


class ReceiptOut(BaseModel):
    """The receipt (登记回执). The query code is shown only here."""

    number: str
    query_code: str
    received_on: date
    registered_at: datetime
    next: list[NextStepOut]

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """From the use case's receipt."""
        return cls(
            number=receipt.number,
            query_code=receipt.query_code,
            received_on=receipt.received_on,
            registered_at=receipt.registered_at,
            next=[
                NextStepOut(what=step.what, by=step.by, article=step.article)
                for step in receipt.next_steps
            ],
        )
