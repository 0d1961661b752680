"""Relief in a case (救助, Art. 37(2)): from the application to what the citizen received.

An event in a case, never its ending: nothing here knows the state of the case, and nothing asks
for anything in return. Amounts are whole 分; of help in kind they are its estimated value, which no
fund is charged with.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.relief.domain.relief_ledger import (
    Entry,
    EntryKind,
    Fund,
    KeyReused,
    check_unconditional,
)
from services.routing.relief.domain.rules import packaged_relief_words
from shared.kernel.errors import Conflict, Forbidden, Invalid
from shared.reference.editions import Reference


class ReliefKind(StrEnum):
    """救助金, 实物或服务."""

    MONEY = "money"
    IN_KIND = "in_kind"


class ReliefState(StrEnum):
    """State of one application."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    GIVEN = "given"
    CANCELLED = "cancelled"


class ReliefAct(StrEnum):
    """A step with an application."""

    APPLY = "apply"
    APPROVE = "approve"
    REFUSE = "refuse"
    PAY = "pay"
    CANCEL = "cancel"


STATE_WORDS: Mapping[ReliefState, str] = {
    ReliefState.APPLIED: "待审批",
    ReliefState.APPROVED: "待发放",
    ReliefState.REFUSED: "不予批准",
    ReliefState.GIVEN: "已发放",
    ReliefState.CANCELLED: "已撤销",
}
STEPS: Mapping[ReliefState, tuple[ReliefAct, ...]] = {
    ReliefState.APPLIED: (ReliefAct.APPROVE, ReliefAct.REFUSE, ReliefAct.CANCEL),
    ReliefState.APPROVED: (ReliefAct.PAY, ReliefAct.CANCEL),
    ReliefState.REFUSED: (),
    ReliefState.GIVEN: (),
    ReliefState.CANCELLED: (),
}


class IllegalReliefStep(Conflict):
    """The step is not allowed now. `extra` has `current` and `allowed`."""

    code: ClassVar[str] = "illegal_relief_step"


class SamePerson(Forbidden):
    """Who applied does not decide on it."""

    code: ClassVar[str] = "same_person"


class MoreThanApproved(Conflict):
    """More would be given than was approved. `extra` has `left`, in 分."""

    code: ClassVar[str] = "more_than_approved"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `amount` in 分; of help in kind its estimated value."""

    fund_id: UUID
    kind: ReliefKind
    amount: int
    description: str | None
    reasons: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What was handed over at one time. `amount` in 分, `received` in the words of the giver;
    `key` is the client's: the same one counts once."""

    key: str
    amount: int
    paid_on: date
    way: str
    reference: str | None = None
    received: str | None = None


@dataclass(slots=True, kw_only=True)
class Relief:
    """One application. `asked`, `approved` and `given` in 分; `organ_code` is the organ that asks,
    `keeper` the one that keeps the fund, decides and pays. Each step gives the entry the fund must
    take, if any."""

    application_id: UUID
    case_id: UUID
    fund_id: UUID
    organ_code: str
    keeper: str
    kind: ReliefKind
    asked: int
    description: str | None
    reasons: str
    applied_by: str
    applied_on: date
    state: ReliefState = ReliefState.APPLIED
    approved: int = 0
    given: int = 0
    decided_by: str | None = None
    decided_on: date | None = None
    decision_reasons: str | None = None
    cancel_reasons: str | None = None
    ended_on: date | None = None
    version: int = 1
    payments: list[Payment] = field(default_factory=list)

    @classmethod
    def apply(
        cls, application_id: UUID, case: Case, fund: Fund | None, wanted: Wanted, *,
        organs: Collection[str], involved: Collection[str], reference: Reference, by: str, on: date,
    ) -> Relief:  # fmt: skip
        """Ask for help in a case, open or closed (Art. 37(3)), for one of the `organs` involved in
        it. Raises ConditionalRelief, Invalid for help in kind that is not described and for a fund
        that does not serve the case."""
        check_unconditional(wanted.reasons, wanted.description)
        if wanted.kind is ReliefKind.IN_KIND and not wanted.description:
            raise Invalid("请写明实物或服务的内容", field="description")
        if fund is None or not fund.serves(case, involved, reference):
            raise Invalid("没有可用于本办件的这笔资金", field="fund_id")
        holder = case.holder
        return cls(
            application_id=application_id, case_id=case.case_id, fund_id=fund.fund_id,
            organ_code=holder if holder and holder in organs else min(organs),
            keeper=fund.organ_code, kind=wanted.kind, asked=wanted.amount,
            description=wanted.description, reasons=wanted.reasons, applied_by=by, applied_on=on,
        )  # fmt: skip

    @property
    def left(self) -> int:
        """Approved and not yet given."""
        return self.approved - self.given

    @property
    def allowed(self) -> tuple[ReliefAct, ...]:
        """Steps that may be taken now."""
        return STEPS[self.state]

    def approve(self, amount: int | None, *, by: str, on: date) -> Entry | None:
        """Approve up to what was asked, None for all of it. Raises SamePerson, Invalid,
        IllegalReliefStep."""
        self._decide(ReliefAct.APPROVE, by=by, on=on)
        amount = self.asked if amount is None else amount
        if not 0 < amount <= self.asked:
            raise Invalid("批准金额须大于零且不超过申请金额", field="amount_fen")
        self.state, self.approved = ReliefState.APPROVED, amount
        return self._entry(EntryKind.RESERVE, amount)

    def refuse(self, reasons: str, *, by: str, on: date) -> None:
        """Refuse. Raises SamePerson, IllegalReliefStep, ConditionalRelief."""
        self._decide(ReliefAct.REFUSE, by=by, on=on)
        check_unconditional(reasons)
        self.state, self.ended_on, self.decision_reasons = ReliefState.REFUSED, on, reasons

    def has(self, payment: Payment) -> bool:
        """Whether a payment was made already, under its key.

        Raises KeyReused where another one has the key."""
        made = next((each for each in self.payments if each.key == payment.key), None)
        if made is not None and made != payment:
            raise KeyReused("该编号已用于另一次发放")
        return made is not None

    def pay(self, payment: Payment, *, on: date) -> Entry | None:
        """Give a part or all; the last part ends it.

        Raises IllegalReliefStep, ConditionalRelief, MoreThanApproved, Invalid for an unknown way,
        for help in kind without what was received and for a day before the approval or after
        today."""
        self._need(ReliefAct.PAY)
        check_unconditional(payment.received, payment.reference)
        if payment.way not in packaged_relief_words().ways:
            raise Invalid("没有这种发放方式", field="way")
        if self.kind is ReliefKind.IN_KIND and not payment.received:
            raise Invalid("请写明交付的实物或服务", field="received")
        if payment.amount > self.left:
            raise MoreThanApproved("超过尚未发放的批准金额", left=self.left)
        if self.decided_on is None or not self.decided_on <= payment.paid_on <= on:
            raise Invalid("发放日期须在批准之日至今天之间", field="paid_on")
        self.payments.append(payment)
        self.given += payment.amount
        if self.left == 0:
            self.state, self.ended_on = ReliefState.GIVEN, on
        return self._entry(EntryKind.PAY, payment.amount)

    def cancel(self, reasons: str, *, on: date) -> Entry | None:
        """End it: what was promised and not given goes back; what was given stays given.

        Raises IllegalReliefStep, ConditionalRelief."""
        self._need(ReliefAct.CANCEL)
        check_unconditional(reasons)
        rest = self.left
        self.state = ReliefState.GIVEN if self.given else ReliefState.CANCELLED
        self.ended_on, self.cancel_reasons = on, reasons
        return self._entry(EntryKind.RELEASE, rest) if rest else None

    def _decide(self, act: ReliefAct, *, by: str, on: date) -> None:
        self._need(act)
        if by == self.applied_by:
            raise SamePerson("申请人不得审批自己的申请")
        self.decided_by, self.decided_on = by, on

    def _need(self, act: ReliefAct) -> None:
        if act not in self.allowed:
            raise IllegalReliefStep(
                f"当前状态为{STATE_WORDS[self.state]}",
                current=str(self.state), allowed=[str(each) for each in self.allowed],
            )  # fmt: skip

    def _entry(self, kind: EntryKind, amount: int) -> Entry | None:
        return Entry(kind, amount) if self.kind is ReliefKind.MONEY else None
