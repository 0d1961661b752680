"""Requests and answers about cases."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.routing.domain.case_steps import Opinion
from shared.web.bodies import Day, Flag, Whole

OrganCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}-[A-Z_]{2,24}$")]
DivisionCode = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")
]
CategoryCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
SeenVersion = Annotated[Whole | None, Field(description="看到的版本号；与现版本不符则拒绝")]


class Request(BaseModel):
    """Base of request bodies: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class ChosenKind(StrEnum):
    """What a person may decide."""

    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OWN = "own"
    GUIDE = "guide"


class SettledPurpose(StrEnum):
    """Purposes a person may settle on."""

    SUGGESTION = "suggestion"
    ACCUSATION = "accusation"
    CLAIM = "claim"


class DeliveryMethod(StrEnum):
    """送达方式."""

    IN_PERSON = "in_person"
    POST = "post"
    ONLINE = "online"
    PHONE = "phone"
    OTHER = "other"


class DecisionIn(Request):
    """Where a case goes. Without `organ_code` the competent organ of division and category."""

    kind: ChosenKind
    note: Words
    organ_code: OrganCode | None = None
    division_code: DivisionCode | None = None
    category_code: CategoryCode | None = None
    purpose: SettledPurpose | None = None
    assigned_due_on: Day | None = None
    version: SeenVersion = None


class AcceptanceIn(Request):
    """受理."""

    version: SeenVersion = None


class ObjectionIn(Request):
    """异议, with detailed reasons (Art. 23(3))."""

    reasons: Annotated[str, StringConstraints(max_length=5_000)]
    version: SeenVersion = None


class VerdictIn(Request):
    """The sender's verdict; reasons are needed to refuse."""

    upheld: Flag
    reasons: Annotated[str, StringConstraints(max_length=5_000)] = ""
    version: SeenVersion = None


class AnswerIn(Request):
    """信访处理意见书 (Art. 32)."""

    opinion: Opinion
    text: LongText
    legal_basis: Annotated[str, StringConstraints(max_length=2_000)] = ""
    version: SeenVersion = None


class DeliveryIn(Request):
    """送达 or 告知."""

    method: DeliveryMethod
    version: SeenVersion = None


class CaseSummary(BaseModel):
    """One line of a list."""

    case_id: UUID
    number: str
    title: str | None = Field(description="脱敏标题；仅经办机关可见")
    state: str
    state_name: str
    version: int
    purpose: str
    category_code: str | None
    category_name: str | None
    division_code: str | None
    division_name: str | None
    received_by: str
    received_on: date
    decision_kind: str
    decision_confidence: str
    needs_person_reason: str | None
    organ_code: str | None
    organ_name: str | None
    next_organ: str | None
    due_on: date | None
    due_limit: str | None
    closed_on: date | None


class ReferralOut(BaseModel):
    """One organ's hold of the case."""

    referral_id: UUID
    ordinal: int
    kind: str
    organ_code: str
    organ_name: str | None
    from_organ: str
    from_organ_name: str | None
    guided_to: str | None
    guided_to_name: str | None
    state: str
    referred_on: date
    assigned_due_on: date | None
    objection_until: date | None = Field(description="异议期最后一天")
    objected_on: date | None
    objection_reasons: str | None
    verdict: str | None
    verdict_on: date | None
    verdict_reasons: str | None
    accepted_on: date | None
    answered_on: date | None
    opinion: str | None
    answer_text: str | None
    legal_basis: str | None
    delivered_on: date | None
    delivery_method: str | None


class CaseDetail(CaseSummary):
    """A case with its referrals; words only for the organs involved."""

    text: str | None
    place: str | None
    channel: str
    origin: str
    objections_upheld: int
    petition_ids: list[UUID]
    referrals: list[ReferralOut]
    allowed: list[str] = Field(description="现在可以采取的步骤")


class CaseAfter(BaseModel):
    """A case after a step."""

    case_id: UUID
    number: str
    state: str
    state_name: str
    version: int
    organ_code: str | None
    next_organ: str | None
    due_on: date | None
    allowed: list[str]


class StepOut(BaseModel):
    """One line of the rule trail."""

    rule: str
    text: str
    source: str


class OptionOut(BaseModel):
    """The runner-up."""

    organ_code: str
    organ_name: str
    why: str


class EvidenceOut(BaseModel):
    """A place name found in the words."""

    field: str
    start: int
    end: int
    surface: str
    divisions: list[str]


class DecisionOut(BaseModel):
    """One decision with its reasons."""

    ordinal: int
    kind: str
    kind_name: str
    confidence: str
    organ_code: str | None
    organ_name: str | None
    guided_to: str | None
    division_code: str | None
    division_name: str | None
    category_code: str | None
    category_name: str | None
    reason: str | None
    reason_text: str | None
    trail: list[StepOut]
    runner_up: OptionOut | None
    evidence: list[EvidenceOut]
    editions: dict[str, str]
    by_person: bool
    decided_at: datetime


class Explanation(BaseModel):
    """Why the case went where it went, first decision to last."""

    case_id: UUID
    number: str
    decisions: list[DecisionOut]


class WaitingOut(BaseModel):
    """An item that needs a person; of a sealed one only that it is there."""

    item_id: UUID
    kind: str
    organ_code: str
    reason: str
    reason_text: str
    detail: str | None = Field(description="信访件编号，或密封件的类别")
    opened_at: datetime
