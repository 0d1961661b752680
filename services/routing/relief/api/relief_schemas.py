"""Requests and answers about relief. Amounts are whole 分, never yuan with a fraction."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.routing.casework.api.views import Names
from services.routing.common.use_cases.bodies import OrganCode, Request, SeenVersion, Words
from services.routing.relief.domain.relief import STATE_WORDS, ReliefKind, ReliefState
from services.routing.relief.domain.relief_ledger import MOST_FEN, EntryKind, Fund
from services.routing.relief.domain.rules import packaged_relief_words
from services.routing.relief.store.relief import relief_of
from shared.web.bodies import Day, StaffText, Whole

Fen = Annotated[Whole, Field(ge=1, le=MOST_FEN, description="金额，单位：分")]
SourceCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,24}$"), Field(description="资金来源代码")
]
WayCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,24}$"), Field(description="发放方式代码")
]
OnceKey = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._-]{8,64}$"),
    Field(description="客户端给出的编号；重复提交同一编号只记一次"),
]
Voucher = Annotated[
    str,
    StaffText(80, lines=False, numbers=False),
    Field(description="凭证号；账号、证件号、电话不予接受，请勿写入姓名"),
]


class Booking(StrEnum):
    """注入, 划出 (交回或更正)."""

    DEPOSIT = EntryKind.DEPOSIT.value
    WITHDRAWAL = EntryKind.WITHDRAWAL.value


class FundIn(Request):
    """A fund of the caller's organ; `organ_code` when the caller has posts at several."""

    year: Annotated[Whole, Field(ge=2000, le=2100)]
    source: SourceCode
    organ_code: OrganCode | None = None


class EntryIn(Request):
    """Money put in or taken out."""

    kind: Booking
    amount_fen: Fen
    reason: Words
    key: OnceKey


class ReliefIn(Request):
    """救助申请. Of help in kind: what, and its estimated value."""

    fund_id: UUID
    kind: ReliefKind
    amount_fen: Fen
    reasons: Words
    description: Words | None = None


class ApprovalIn(Request):
    """批准; without an amount all that was asked for."""

    amount_fen: Fen | None = None
    version: SeenVersion = None


class ReliefReasonsIn(Request):
    """Refusal or cancellation."""

    reasons: Words
    version: SeenVersion = None


class PaymentIn(Request):
    """发放, whole or in part."""

    key: OnceKey
    amount_fen: Fen
    paid_on: Day
    way: WayCode
    reference: Voucher | None = None
    received: Words | None = Field(default=None, description="救助对象得到了什么；实物须填")
    version: SeenVersion = None


class SumsOut(BaseModel):
    """In 分. `balance_fen` = deposited − reserved − paid."""

    deposited_fen: int
    reserved_fen: int
    paid_fen: int
    balance_fen: int


class FundOut(BaseModel):
    """A fund; its sums only for the organ that keeps it."""

    fund_id: UUID
    organ_code: str
    organ_name: str | None
    division_code: str
    division_name: str | None
    year: int
    source: str
    source_name: str | None
    version: int
    sums: SumsOut | None


class EntryOut(BaseModel):
    """One line of a ledger; `balance_fen` is what was free after it."""

    ordinal: int
    kind: EntryKind
    amount_fen: int
    balance_fen: int
    application_id: UUID | None
    reason: str | None
    made_by: str
    made_at: datetime


class FigureOut(SumsOut):
    """Figures of a division, year and source. Cases are counted once each."""

    division_code: str
    division_name: str | None
    year: int
    source: str
    source_name: str | None
    in_kind_fen: int = Field(description="已交付实物和服务的估值，单位：分")
    cases_helped: int


class FigureTotal(SumsOut):
    """Over all rows, not only this page; a case helped from two sources is one case here."""

    in_kind_fen: int
    cases_helped: int


class FiguresOut(BaseModel):
    """One page of figures, and the total."""

    items: list[FigureOut]
    total: FigureTotal
    next: str | None


class ReliefOut(BaseModel):
    """One application."""

    application_id: UUID
    case_id: UUID
    fund_id: UUID
    organ_code: str
    organ_name: str | None
    keeper: str = Field(description="管理资金的机关")
    keeper_name: str | None
    kind: ReliefKind
    state: ReliefState
    state_name: str
    asked_fen: int
    approved_fen: int
    given_fen: int
    description: str | None
    reasons: str
    decision_reasons: str | None
    cancel_reasons: str | None
    applied_by: str
    decided_by: str | None
    applied_on: date
    decided_on: date | None
    ended_on: date | None
    version: int
    allowed: list[str]


class PaymentOut(BaseModel):
    """What was handed over at one time."""

    ordinal: int
    amount_fen: int
    paid_on: date
    way: str
    way_name: str | None
    reference: str | None
    received: str | None
    made_at: datetime


class ReliefDetail(ReliefOut):
    """One application with what was handed over."""

    payments: list[PaymentOut]


class ReceivedOut(BaseModel):
    """One thing the citizen received."""

    application_id: UUID
    ordinal: int
    kind: ReliefKind
    organ_code: str
    amount_fen: int
    paid_on: date
    description: str | None
    received: str | None


class CaseReliefOut(BaseModel):
    """What the citizen received in a case; the sums are over all of it."""

    money_fen: int
    in_kind_fen: int
    items: list[ReceivedOut]
    next: str | None


def relief(row: Any, names: Names) -> dict[str, Any]:
    """An application by the names of ReliefOut."""
    plain = {name: getattr(row, name) for name in ReliefOut.model_fields if hasattr(row, name)}
    return plain | {
        "organ_name": names.organ(row.organ_code),
        "keeper_name": names.organ(row.keeper),
        "state_name": STATE_WORDS[ReliefState(row.state)],
        "asked_fen": row.asked, "approved_fen": row.approved, "given_fen": row.given,
        "allowed": [str(act) for act in relief_of(row).allowed],
    }  # fmt: skip


def payment(row: Any) -> PaymentOut:
    """A payment of its row."""
    plain = {name: getattr(row, name) for name in PaymentOut.model_fields if hasattr(row, name)}
    way_name = packaged_relief_words().ways.get(row.way)
    return PaymentOut(**plain, amount_fen=row.amount, way_name=way_name)


def entry(row: Any) -> EntryOut:
    """A line of the ledger of its row."""
    plain = {name: getattr(row, name) for name in EntryOut.model_fields if hasattr(row, name)}
    return EntryOut(**plain, amount_fen=row.amount, balance_fen=row.balance)


def fund(fund: Fund, names: Names, *, with_sums: bool) -> FundOut:
    """A fund."""
    sums = fund.sums
    shown = SumsOut(
        deposited_fen=sums.deposited, reserved_fen=sums.reserved, paid_fen=sums.paid,
        balance_fen=sums.balance,
    )  # fmt: skip
    return FundOut(
        **{name: getattr(fund, name) for name in FundOut.model_fields if hasattr(fund, name)}
        | {"sums": shown if with_sums else None},
        **places(fund.division_code, fund.source, names),
        organ_name=names.organ(fund.organ_code),
    )


def places(division_code: str, source: str, names: Names) -> dict[str, str | None]:
    """Names of a division and a source."""
    return {
        "division_name": names.division(division_code),
        "source_name": packaged_relief_words().sources.get(source),
    }
