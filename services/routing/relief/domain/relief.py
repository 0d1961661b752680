"""Relief in a case (救助, Art. 37(2)): from the application to what the citizen received.

An event in a case, never its ending: nothing here knows the state of the case, and nothing asks
for anything in return. Amounts are whole 分; of help in kind they are its estimated value, which no
fund is charged with. Which act is possible when is the table of `procedure.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from services.routing.cases.domain.case import Case
from services.routing.relief.domain.relief_ledger import Entry, Fund, KeyReused
from services.routing.relief.domain.rules import packaged_relief_words
from shared.kernel.errors import Conflict, Forbidden, Invalid
from shared.vocabulary.relief import EntryKind, ReliefKind, ReliefState
from shared.workflow.guards import Step
from shared.workflow.journal import Done, Journal
from shared.workflow.table import IllegalStep, Row


class IllegalReliefStep(IllegalStep):
    """The step is not allowed now. `extra` has `current` and `allowed`."""

    code: ClassVar[str] = "illegal_relief_step"


class SamePerson(Forbidden):
    """Who applied does not decide on it."""

    code: ClassVar[str] = "same_person"


class MoreThanApproved(Conflict):
    """More would be given than was approved. `extra` has `left`, in 分."""

    code: ClassVar[str] = "more_than_approved"


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
    `keeper` the one that keeps the fund, decides and pays; `version` is 0 while it is not stored.

    An act gives the entry the fund must take, None where no money moves."""

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
    version: int = 0
    awaits: str | None = None
    case: Case | None = None
    payments: list[Payment] = field(default_factory=list)
    journal: Journal[Any] = field(default_factory=Journal)

    @classmethod
    def in_case(
        cls, application_id: UUID, case: Case, fund: Fund | None, *, kind: ReliefKind, amount: int,
        description: str | None, reasons: str, organs: Collection[str], by: str, on: date,
    ) -> Relief:  # fmt: skip
        """An application in a case by one of the `organs` involved in it, the one that has it if it
        is among them. Raises Invalid without a fund."""
        if fund is None:
            raise Invalid("没有可用于本办件的这笔资金", field="fund_id")
        holder = case.holder
        return cls(
            application_id=application_id, case_id=case.case_id, fund_id=fund.fund_id,
            organ_code=holder if holder and holder in organs else min(organs),
            keeper=fund.organ_code, kind=kind, asked=amount, description=description,
            reasons=reasons, applied_by=by, applied_on=on, case=case,
        )  # fmt: skip

    @property
    def entity_id(self) -> UUID:
        """Its identity."""
        return self.application_id

    @property
    def left(self) -> int:
        """Approved and not yet given."""
        return self.approved - self.given

    def take(self, row: Row, step: Step) -> None:
        """Note an act, and move by its row of the table."""
        self.journal.add(
            Done(len(self.journal) + 1, row.act, step.on, step.organ, step.person, data=step.said)
        )
        self.state = row.to or self.state

    def approve(self, amount: int | None, *, by: str, on: date) -> Entry | None:
        """Approve an amount, None for all that was asked."""
        self.decided_by, self.decided_on = by, on
        self.approved = self.asked if amount is None else amount
        return self._entry(EntryKind.RESERVE, self.approved)

    def refuse(self, reasons: str, *, by: str, on: date) -> None:
        """Refuse."""
        self.decided_by, self.decided_on, self.decision_reasons = by, on, reasons
        self.ended_on = on

    def has(self, payment: Payment) -> bool:
        """Whether a payment was made already, under its key.

        Raises KeyReused where another one has the key."""
        made = next((each for each in self.payments if each.key == payment.key), None)
        if made is not None and made != payment:
            raise KeyReused("该编号已用于另一次发放")
        return made is not None

    def pay(self, payment: Payment, *, on: date) -> Entry | None:
        """Give a part or all; the last part ends it. Raises Invalid for an unknown way."""
        if payment.way not in packaged_relief_words().ways:
            raise Invalid("没有这种发放方式", field="way")
        self.payments.append(payment)
        self.given += payment.amount
        if self.left == 0:
            self.state, self.ended_on = ReliefState.GIVEN, on
        return self._entry(EntryKind.PAY, payment.amount)

    def cancel(self, reasons: str, *, on: date) -> Entry | None:
        """End it: what was promised and not given goes back; what was given stays given."""
        self.ended_on, self.cancel_reasons = on, reasons
        return self._entry(EntryKind.RELEASE, self.left) if self.left else None

    def _entry(self, kind: EntryKind, amount: int) -> Entry | None:
        return Entry(kind, amount) if self.kind is ReliefKind.MONEY else None
