"""Rows of relief (救助). Amounts are whole 分. Whom a case is about is not in here."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlmodel import Field

from services.routing.tables import METADATA, RoutingRow
from shared.db.roles import APPEND_ONLY
from shared.db.types import UtcDateTime
from shared.workflow.tables import workflow_tables


class FundRow(RoutingRow, table=True):
    """A fund: one source of one organ in one year. `balance` is what is free; the database itself
    refuses a sum below zero and a balance that does not add up."""

    __tablename__ = "relief_fund"
    __table_args__ = (
        UniqueConstraint("organ_code", "year", "source"),
        CheckConstraint("balance >= 0 AND reserved >= 0 AND paid >= 0", name="not_negative"),
        CheckConstraint("balance = deposited - reserved - paid", name="adds_up"),
    )

    fund_id: UUID = Field(primary_key=True)
    organ_code: str = Field(max_length=40)
    division_code: str = Field(max_length=12)
    year: int
    source: str = Field(max_length=24)
    deposited: int = Field(sa_type=BigInteger)
    reserved: int = Field(sa_type=BigInteger)
    paid: int = Field(sa_type=BigInteger)
    balance: int = Field(sa_type=BigInteger)
    version: int


class EntryRow(RoutingRow, table=True):
    """One line of a fund's ledger, never changed; `ordinal` is the fund's version after it."""

    __tablename__ = "relief_entry"
    __table_args__ = (UniqueConstraint("fund_id", "key"), {"info": APPEND_ONLY})

    fund_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("relief_fund.fund_id"), primary_key=True)
    )
    ordinal: int = Field(primary_key=True)
    kind: str = Field(max_length=12)
    amount: int = Field(sa_type=BigInteger)
    balance: int = Field(sa_type=BigInteger)
    application_id: UUID | None
    key: str | None = Field(max_length=64)
    reason: str | None = Field(sa_type=Text)
    made_by: str = Field(max_length=120)
    made_at: datetime = Field(sa_type=UtcDateTime)


class ReliefRow(RoutingRow, table=True):
    """One application for relief in a case."""

    __tablename__ = "relief"

    application_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("case_file.case_id"), nullable=False, index=True)
    )
    fund_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("relief_fund.fund_id"), nullable=False))
    organ_code: str = Field(max_length=40)
    kind: str = Field(max_length=8)
    state: str = Field(max_length=12)
    asked: int = Field(sa_type=BigInteger)
    approved: int = Field(sa_type=BigInteger)
    given: int = Field(sa_type=BigInteger)
    description: str | None = Field(sa_type=Text)
    reasons: str = Field(sa_type=Text)
    decision_reasons: str | None = Field(sa_type=Text)
    cancel_reasons: str | None = Field(sa_type=Text)
    applied_by: str = Field(max_length=120)
    decided_by: str | None = Field(max_length=120)
    applied_on: date
    decided_on: date | None
    ended_on: date | None
    version: int
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PaymentRow(RoutingRow, table=True):
    """What was handed over at one time, never changed; `key` is the client's, for one effect."""

    __tablename__ = "relief_payment"
    __table_args__ = (UniqueConstraint("application_id", "key"), {"info": APPEND_ONLY})

    application_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("relief.application_id"), primary_key=True)
    )
    ordinal: int = Field(primary_key=True)
    key: str = Field(max_length=64)
    amount: int = Field(sa_type=BigInteger)
    paid_on: date
    way: str = Field(max_length=24)
    reference: str | None = Field(max_length=80)
    received: str | None = Field(sa_type=Text)
    made_by: str = Field(max_length=120)
    made_at: datetime = Field(sa_type=UtcDateTime)


_RELIEF = ReliefRow.__table__  # type: ignore[attr-defined]
_FUND = FundRow.__table__  # type: ignore[attr-defined]
Index("ix_relief_organ", _RELIEF.c.organ_code, _RELIEF.c.application_id)
Index("ix_relief_fund_id", _RELIEF.c.fund_id, _RELIEF.c.application_id)
Index("ix_relief_fund_figures", _FUND.c.division_code, _FUND.c.year, _FUND.c.source)
RELIEF_WORKFLOW = workflow_tables(
    METADATA, key="application_id", parent="relief.application_id", journal="relief_act"
)
"""The journal of applications; none of their acts waits for approval."""
