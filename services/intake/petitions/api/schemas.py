"""Requests and answers of intake's API. Unknown members are refused; outputs have no defaults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.intake.petitions.api.words import case_state
from services.intake.petitions.use_cases.forms import PushedPetition
from shared.reference.organs import Organs
from shared.vocabulary.petitions import Origin

TypedNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class PetitionIn(PushedPetition):
    """A petition filed by a citizen (no account) or by a registrar."""

    origin: Origin = Origin.OWN
    received_by: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description="登记机关；登记员任职于多个机关时必填"
    )
    retaliation_for: TypedNumber | None = Field(
        default=None, description="反映因此前的信访遭受打击报复的，填写该信访件编号"
    )


class StepOut(BaseModel):
    """One step on the petition's way."""

    kind: str
    title: str
    on: date
    organ: str | None


class WithdrawalOut(BaseModel):
    """How a withdrawal stands (撤回)."""

    withdrawn_on: date | None = Field(description="撤回之日；空：没有撤回，或者已收回")
    revocable_until: date | None = Field(description="在此之前可以收回；此后办理机关可以终止办理")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From the stored row."""
        return cls(withdrawn_on=row["withdrawn_on"], revocable_until=row["revocable_until"])


class PetitionLine(BaseModel):
    """A petition in a list; words are masked."""

    id: UUID
    number: str
    subject: str
    channel: str
    origin: str
    purpose: str
    category_code: str | None
    category_by: str
    division_code: str | None
    received_by: str
    received_on: date
    registered_at: datetime
    person_times: int
    state: str | None
    state_title: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row with words and progress."""
        values = {name: row[name] for name in PetitionLine.model_fields if name in row}
        return cls(**values, state_title=case_state(row["state"]))


class MaskedPetitioner(BaseModel):
    """A petitioner as staff see one by default."""

    name: str
    id_number: str
    phone: str
    email: str
    address: str


class PetitionDetail(BaseModel):
    """Everything staff see of a petition by default; words and people are masked."""

    line: PetitionLine
    matter_id: UUID
    text: str
    place: str | None
    answer: str | None
    category_confidence: float | None
    complained_organ: str | None
    receiving_tier: int
    head_count: int
    batch: bool
    repeat: bool
    joint: bool
    anonymous: bool
    notice_owed: bool
    partner: str | None
    source: str | None
    source_id: str | None
    answered_on: date | None
    editions: dict[str, str]
    petitioners: list[MaskedPetitioner]
    steps: list[StepOut]


def organ_name(organs: Organs, code: str | None) -> str | None:
    """Name of an organ, its code when the reference data does not know it."""
    if code is None:
        return None
    organ = organs.get(code)
    return organ.name if organ else code
