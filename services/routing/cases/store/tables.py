"""Rows of cases: their state, referrals, acts, proposals, notices, decisions and the queue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlmodel import Field

from services.routing.tables import METADATA, RoutingRow
from shared.db.engine import partial_index
from shared.db.types import UtcDateTime
from shared.workflow.tables import workflow_tables

NO_DUE = date(9999, 12, 31)
"""Stands in `due_on` for "no limit known", so that keyset paging meets no NULL."""


class CaseRow(RoutingRow, table=True):
    """One case. `next_organ` must act next, `organ_code` has it or had it last, `copied_to` is the
    petition office that may see it, `awaits` the act that waits for its approval."""

    __tablename__ = "case_file"

    case_id: UUID = Field(primary_key=True)
    matter_id: UUID = Field(unique=True)
    number: str = Field(max_length=40)
    state: str = Field(max_length=16)
    version: int
    purpose: str = Field(max_length=16)
    category_code: str | None = Field(max_length=6)
    division_code: str | None = Field(max_length=12)
    received_by: str = Field(max_length=40)
    received_by_petition_office: bool
    received_on: date
    opened_on: date
    decider: str = Field(max_length=40)
    notice_owed: bool
    decision_kind: str = Field(max_length=16)
    decision_confidence: str = Field(max_length=8)
    needs_person_reason: str | None = Field(max_length=24)
    decided_on: date | None
    answered_on: date | None
    delivered_on: date | None
    closed_on: date | None
    closing_kind: str | None = Field(max_length=20)
    awaits: str | None = Field(max_length=24)
    objections_upheld: int
    next_organ: str | None = Field(max_length=40)
    organ_code: str | None = Field(max_length=40)
    copied_to: str | None = Field(max_length=40)
    due_on: date
    due_limit: str | None = Field(max_length=40)
    channel: str = Field(max_length=8)
    origin: str = Field(max_length=16)
    complained_organ: str | None = Field(max_length=40)
    also_accused: str | None = Field(default=None, sa_type=Text)
    suspected_organ: str | None = Field(default=None, max_length=40)
    declared_division: str | None = Field(max_length=12)
    category_confidence: float | None
    title: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    place: str | None = Field(sa_type=Text)
    history: dict[str, Any] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    editions: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PetitionRow(RoutingRow, table=True):
    """Which petitions a case holds; `epoch`, `sequence` of the newest content taken."""

    __tablename__ = "case_petition"

    petition_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("case_file.case_id"), nullable=False, index=True)
    )
    number: str = Field(max_length=40, unique=True)
    epoch: int
    sequence: int


class ReferralRow(RoutingRow, table=True):
    """One organ's hold of a case."""

    __tablename__ = "referral"
    __table_args__ = (UniqueConstraint("case_id", "ordinal"),)

    referral_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("case_file.case_id"), nullable=False))
    ordinal: int
    kind: str = Field(max_length=16)
    organ_code: str = Field(max_length=40)
    organ_division: str = Field(max_length=12)
    from_organ: str = Field(max_length=40)
    state: str = Field(max_length=16)
    referred_on: date
    assigned_due_on: date | None
    guided_to: str | None = Field(max_length=40)
    route: str | None = Field(max_length=16)
    objected_on: date | None
    objection_reasons: str | None = Field(sa_type=Text)
    verdict: str | None = Field(max_length=8)
    verdict_on: date | None
    verdict_reasons: str | None = Field(sa_type=Text)
    accepted_on: date | None
    answered_on: date | None
    opinion: str | None = Field(max_length=20)
    answer_text: str | None = Field(sa_type=Text)
    legal_basis: str | None = Field(sa_type=Text)
    delivered_on: date | None
    delivery_method: str | None = Field(max_length=16)
    ended_on: date | None


class NoticeRow(RoutingRow, table=True):
    """A paper the petitioner is owed: its number, its words without name and address, its proof."""

    __tablename__ = "notice"

    notice_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("case_file.case_id"), nullable=False, index=True)
    )
    ordinal: int
    kind: str = Field(max_length=20)
    number: str = Field(max_length=60)
    organ_code: str = Field(max_length=40)
    referral: int
    owed_on: date
    told_on: date | None
    method: str | None = Field(max_length=16)
    proof: str | None = Field(sa_type=Text)


class DecisionRow(RoutingRow, table=True):
    """Why a case went where it went: one row per decision, never changed."""

    __tablename__ = "decision"

    case_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("case_file.case_id"), primary_key=True))
    ordinal: int = Field(primary_key=True)
    kind: str = Field(max_length=16)
    confidence: str = Field(max_length=8)
    organ_code: str | None = Field(max_length=40)
    division_code: str | None = Field(max_length=12)
    category_code: str | None = Field(max_length=6)
    reason: str | None = Field(max_length=24)
    guided_to: str | None = Field(max_length=40)
    trail: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    evidence: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    runner_up: dict[str, Any] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    editions: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    decided_by: str = Field(max_length=120)
    decided_at: datetime = Field(sa_type=UtcDateTime)


class QueueRow(RoutingRow, table=True):
    """What waits for a person of an organ: a case, or a sealed item of which nothing is known."""

    __tablename__ = "needs_person"

    item_id: UUID = Field(primary_key=True, description="Case id or sealed id.")
    kind: str = Field(max_length=8)
    organ_code: str = Field(max_length=40)
    reason: str = Field(max_length=24)
    detail: str | None = Field(max_length=40)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(sa_type=UtcDateTime)


WORK = workflow_tables(
    METADATA, key="case_id", parent="case_file.case_id", journal="case_act", proposal="proposal",
    more=(Column("referral", Integer, nullable=False),),
)  # fmt: skip
"""The journal of a case, and its acts that wait for approval; `referral` is the hold of an act."""
_CASE = CaseRow.__table__  # type: ignore[attr-defined]


_QUEUE = QueueRow.__table__  # type: ignore[attr-defined]


partial_index(
    "ix_case_todo", "state <> 'closed'", _CASE.c.next_organ, _CASE.c.due_on, _CASE.c.case_id
)


partial_index("ix_case_accusation", "purpose = 'accusation'", _CASE.c.case_id)


partial_index("ix_case_suspected", "suspected_organ IS NOT NULL", _CASE.c.case_id)


Index("ix_case_organ", _CASE.c.organ_code, _CASE.c.case_id)


Index("ix_case_received_by", _CASE.c.received_by, _CASE.c.case_id)


Index("ix_case_copied_to", _CASE.c.copied_to, _CASE.c.case_id)


Index("ix_case_division", _CASE.c.division_code, _CASE.c.case_id)


_NOTICE = NoticeRow.__table__  # type: ignore[attr-defined]


# Numbers of older releases begin with the year and may be equal between organs.
WITH_MARK = text("substr(number, 1, 1) <> '〔'")


Index(
    "uq_notice_number", _NOTICE.c.number, unique=True,
    postgresql_where=WITH_MARK, sqlite_where=WITH_MARK,
)  # fmt: skip


partial_index(
    "ix_needs_person_open", "closed_at IS NULL",
    _QUEUE.c.organ_code, _QUEUE.c.opened_at, _QUEUE.c.item_id,
)  # fmt: skip
