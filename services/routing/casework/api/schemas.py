"""Requests and answers about cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from shared.vocabulary.acts import Act
from shared.vocabulary.cases import (
    CaseState,
    ClosingKind,
    Confidence,
    CrossingKind,
    DecisionKind,
    DecisionReason,
    Opinion,
    ReferralKind,
    ReferralState,
    Route,
)
from shared.vocabulary.papers import DeliveryMethod
from shared.vocabulary.petitions import Channel, Origin, Purpose
from shared.workflow.bodies import ActIn, Words
from shared.workflow.page import ActionOut, RowOut


class CaseSummary(BaseModel):
    """One line of a list."""

    case_id: UUID
    number: str
    title: str | None = Field(description="脱敏标题；仅经办机关可见")
    state: CaseState
    state_name: str
    version: int
    purpose: Purpose
    category_code: str | None
    category_name: str | None
    division_code: str | None
    division_name: str | None
    received_by: str
    received_on: date
    decision_kind: DecisionKind
    decision_confidence: Confidence
    needs_person_reason: DecisionReason | None
    organ_code: str | None
    organ_name: str | None
    next_organ: str | None
    due_on: date | None
    due_limit: str | None
    closed_on: date | None
    closing_kind: ClosingKind | None = Field(description="办结方式")
    awaits: Act | None = Field(description="等待签批的步骤")


class ReferralOut(BaseModel):
    """One organ's hold of the case."""

    referral_id: UUID
    ordinal: int
    kind: ReferralKind
    organ_code: str
    organ_name: str | None
    from_organ: str
    from_organ_name: str | None
    guided_to: str | None
    guided_to_name: str | None
    state: ReferralState
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
    opinion: Opinion | None
    answer_text: str | None
    legal_basis: str | None
    delivered_on: date | None
    delivery_method: DeliveryMethod | None
    route: Route | None = Field(description="法定途径（第三十一条第一项至第五项）")
    ended_on: date | None


class DoneOut(BaseModel):
    """One act of the journal; its words only for the organs involved."""

    ordinal: int
    act: Act
    act_name: str
    on: date
    organ_code: str
    organ_name: str | None
    referral: int
    data: dict[str, Any] | None


class NoticeOut(BaseModel):
    """A paper the petitioner is owed."""

    ordinal: int
    kind: str
    number: str
    organ_code: str
    owed_on: date
    told_on: date | None
    method: DeliveryMethod | None


class ProposalOut(BaseModel):
    """An act that waits for the head of the office, or waited."""

    proposal_id: UUID
    act: Act
    organ_code: str
    body: dict[str, Any]
    state: str
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    reasons: str


class WaitingProposal(BaseModel):
    """One line of the head's list."""

    proposal_id: UUID
    case_id: UUID
    number: str
    title: str
    act: Act
    act_name: str
    organ_code: str
    proposed_by: str
    proposed_at: datetime


class TellingIn(ActIn):
    """A paper reached the petitioner."""

    method: DeliveryMethod
    proof: Words | None = None


class ProcedureRow(RowOut):
    """One row of the table of procedure."""

    kinds: list[str]
    purposes: list[str]
    closes: str | None


class ProcedureOut(BaseModel):
    """The table of procedure and the words of its codes."""

    states: dict[str, str]
    closing_kinds: dict[str, str]
    rows: list[ProcedureRow]


class CrossingOut(BaseModel):
    """One way in which the matter reaches past one region, department or place."""

    kind: CrossingKind
    kind_name: str
    why: str
    noted: bool = Field(description="由工作人员注明；否则由系统判断")


class WithdrawnOut(BaseModel):
    """All petitioners of the case withdrew (撤回)."""

    withdrawn_on: date
    revocable_until: date = Field(description="此日以前信访人可以收回；此后可以终止办理")


class CaseDetail(CaseSummary):
    """A case with its referrals; words only for the organs involved."""

    text: str | None
    place: str | None
    channel: Channel
    origin: Origin
    objections_upheld: int
    petition_ids: list[UUID]
    referrals: list[ReferralOut]
    allowed: list[str] = Field(description="现在可以采取的步骤")
    actions: list[ActionOut] = Field(description="本状态的各步骤，以及各自的障碍")
    acts: list[DoneOut] = Field(description="办理经过")
    notices: list[NoticeOut] = Field(description="应当告知信访人的文书")
    withdrawn: WithdrawnOut | None = Field(description="全部信访人已撤回；空：没有")
    crossings: list[CrossingOut] = Field(description="三跨三分离")
    home_office: str | None = Field(description="信访人所在地信访部门，建议请其协办")


class CaseAfter(BaseModel):
    """A case after a step."""

    case_id: UUID
    number: str
    state: CaseState
    state_name: str
    version: int
    organ_code: str | None
    next_organ: str | None
    due_on: date | None
    allowed: list[str]
    actions: list[ActionOut] = Field(description="本状态的各步骤，以及各自的障碍")
    awaits: Act | None = Field(description="等待签批的步骤")
    proposal_id: UUID | None = Field(description="待签批的拟办意见（202 时）")


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
    """A place name found in the words, or words that may accuse an organ (no divisions)."""

    field: str
    start: int
    end: int
    surface: str
    divisions: list[str]


class DecisionOut(BaseModel):
    """One decision with its reasons."""

    ordinal: int
    kind: DecisionKind
    kind_name: str
    confidence: Confidence
    organ_code: str | None
    organ_name: str | None
    guided_to: str | None
    division_code: str | None
    division_name: str | None
    category_code: str | None
    category_name: str | None
    reason: DecisionReason | None
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
    reason: DecisionReason
    reason_text: str
    detail: str | None = Field(description="信访件编号，或密封件的类别")
    opened_at: datetime
