"""Requests and answers about relief. Amounts are whole 分, never yuan with a fraction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.routing.casework.api.views import Names
from services.routing.common.use_cases.bodies import OrganCode
from services.routing.relief.acts import RELIEF, Fen, OnceKey, SourceCode
from services.routing.relief.domain.relief import (
    Relief,
)
from services.routing.relief.domain.relief_ledger import Fund
from services.routing.relief.domain.rules import packaged_relief_words
from shared.vocabulary.relief import EntryKind, ReliefAct, ReliefKind, ReliefState
from shared.web.bodies import Whole
from shared.workflow.bodies import Request, Words
from shared.workflow.guards import Law
from shared.workflow.page import ActionOut, action_out


class FundIn(Request):
    """新的资金；在几个机关任职的，写明以哪个机关的名义。"""

    year: Annotated[Whole, Field(ge=2000, le=2100)]
    source: SourceCode
    organ_code: OrganCode | None = None


class EntryIn(Request):
    """注入或者划出（交回、更正）。"""

    kind: Literal[EntryKind.DEPOSIT, EntryKind.WITHDRAWAL]
    amount_fen: Fen
    reason: Words
    key: OnceKey


class SumsOut(BaseModel):
    """单位：分。余额 = 注入 − 预留 − 已发放。"""

    deposited_fen: int
    reserved_fen: int
    paid_fen: int
    balance_fen: int


class FundOut(BaseModel):
    """一笔资金；金额只有管理它的机关看得到。"""

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
    """台账的一行；余额为记入之后的余额。"""

    ordinal: int
    kind: EntryKind
    amount_fen: int
    balance_fen: int
    application_id: UUID | None
    reason: str | None
    made_by: str
    made_at: datetime


class FigureOut(SumsOut):
    """某区划、年度、来源的统计；一个办件只计一次。"""

    division_code: str
    division_name: str | None
    year: int
    source: str
    source_name: str | None
    in_kind_fen: int = Field(description="已交付实物和服务的估值，单位：分")
    cases_helped: int


class FigureTotal(SumsOut):
    """全部各行的合计，不限本页；从两个来源得到救助的办件在此只计一次。"""

    in_kind_fen: int
    cases_helped: int


class FiguresOut(BaseModel):
    """一页统计和合计。"""

    items: list[FigureOut]
    total: FigureTotal
    next: str | None


class ReliefOut(BaseModel):
    """一项救助申请。"""

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
    allowed: list[ReliefAct]
    actions: list[ActionOut] = Field(description="当前可以办理的步骤，以及不能办理的原因")


class PaymentOut(BaseModel):
    """一次发放。"""

    ordinal: int
    amount_fen: int
    paid_on: date
    way: str
    way_name: str | None
    reference: str | None
    received: str | None
    made_at: datetime


class ReliefActOut(BaseModel):
    """办理经过中的一步。"""

    ordinal: int
    act: ReliefAct
    act_name: str
    on: date
    organ_code: str
    organ_name: str | None
    amount_fen: int | None = Field(description="这一步涉及的金额，单位：分")


class ReliefDetail(ReliefOut):
    """一项救助申请、发放情况和办理经过。"""

    payments: list[PaymentOut]
    acts: list[ReliefActOut] = Field(description="办理经过")


class ReceivedOut(BaseModel):
    """群众得到的一项救助。"""

    application_id: UUID
    ordinal: int
    kind: ReliefKind
    organ_code: str
    amount_fen: int
    paid_on: date
    description: str | None
    received: str | None


class CaseReliefOut(BaseModel):
    """本案中群众得到的救助；合计包括全部。"""

    money_fen: int
    in_kind_fen: int
    items: list[ReceivedOut]
    next: str | None


def relief(relief: Relief, names: Names, law: Law) -> ReliefOut:
    """An application as it is on a day."""
    return ReliefOut(**_relief(relief, names, law))


def detail(relief: Relief, paid: Sequence[Any], names: Names, law: Law) -> ReliefDetail:
    """An application with the rows of its payments and its acts."""
    acts = [
        ReliefActOut(
            ordinal=done.ordinal, act=done.act, act_name=RELIEF.table.name_of(done.act),
            on=done.on, organ_code=done.organ, organ_name=names.organ(done.organ),
            amount_fen=done.data.get("amount_fen"),
        )
        for done in relief.journal
    ]  # fmt: skip
    payments = [_payment(row) for row in paid]
    return ReliefDetail(**_relief(relief, names, law), payments=payments, acts=acts)


def _payment(row: Any) -> PaymentOut:
    plain = {name: getattr(row, name) for name in PaymentOut.model_fields if hasattr(row, name)}
    way_name = packaged_relief_words().ways.get(row.way)
    return PaymentOut(**plain, amount_fen=row.amount, way_name=way_name)


def _relief(relief: Relief, names: Names, law: Law) -> dict[str, Any]:
    plain = {n: getattr(relief, n) for n in ReliefOut.model_fields if hasattr(relief, n)}
    return plain | {
        "organ_name": names.organ(relief.organ_code), "keeper_name": names.organ(relief.keeper),
        "state_name": relief.state.label, "asked_fen": relief.asked,
        "approved_fen": relief.approved, "given_fen": relief.given,
        "allowed": RELIEF.allowed(relief),
        "actions": [action_out(each) for each in RELIEF.actions(relief, law)],
    }  # fmt: skip


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
