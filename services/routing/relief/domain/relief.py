"""Relief in a case (救助, Art. 37(2)): from the application to what the citizen received.

An event in a case, never its ending: nothing here knows the state of the case, and nothing asks
for anything in return. Amounts are whole 分; of help in kind they are its estimated value, which no
fund is charged with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.routing.relief.domain.relief_ledger import Entry
from shared.kernel.errors import Conflict, Forbidden, Invalid
from shared.vocabulary.help import EntryKind, ReliefAct, ReliefKind, ReliefState

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


class ConditionalRelief(Invalid):
    """A text about relief that makes it depend on giving up a right."""

    code: ClassVar[str] = "conditional_relief"


@dataclass(slots=True)
class Relief:
    """One application. `asked`, `approved` and `given` in 分; `organ_code` is the organ that asks,
    the fund's organ decides and pays. Each step gives the entry the fund must take, if any."""

    application_id: UUID
    case_id: UUID
    fund_id: UUID
    organ_code: str
    kind: ReliefKind
    asked: int
    applied_by: str
    applied_on: date
    state: ReliefState = ReliefState.APPLIED
    approved: int = 0
    given: int = 0
    decided_by: str | None = None
    decided_on: date | None = None
    ended_on: date | None = None
    version: int = 1

    @property
    def left(self) -> int:
        """Approved and not yet given."""
        return self.approved - self.given

    @property
    def allowed(self) -> tuple[ReliefAct, ...]:
        """Steps that may be taken now."""
        return STEPS[self.state]

    def approve(self, amount: int, *, by: str, on: date) -> Entry | None:
        """Approve up to what was asked. Raises SamePerson, Invalid, IllegalReliefStep."""
        self._decide(ReliefAct.APPROVE, by=by, on=on)
        if not 0 < amount <= self.asked:
            raise Invalid("批准金额须大于零且不超过申请金额", field="amount_fen")
        self.state, self.approved = ReliefState.APPROVED, amount
        return self._entry(EntryKind.RESERVE, amount)

    def refuse(self, *, by: str, on: date) -> None:
        """Refuse. Raises SamePerson, IllegalReliefStep."""
        self._decide(ReliefAct.REFUSE, by=by, on=on)
        self.state, self.ended_on = ReliefState.REFUSED, on

    def pay(self, amount: int, *, paid_on: date, on: date) -> Entry | None:
        """Give a part or all; the last part ends it. Raises MoreThanApproved, Invalid for a day
        before the approval or after today, IllegalReliefStep."""
        self._need(ReliefAct.PAY)
        if amount > self.left:
            raise MoreThanApproved("超过尚未发放的批准金额", left=self.left)
        if self.decided_on is None or not self.decided_on <= paid_on <= on:
            raise Invalid("发放日期须在批准之日至今天之间", field="paid_on")
        self.given += amount
        if self.left == 0:
            self.state, self.ended_on = ReliefState.GIVEN, on
        return self._entry(EntryKind.PAY, amount)

    def cancel(self, *, on: date) -> Entry | None:
        """End it: what was promised and not given goes back; what was given stays given."""
        self._need(ReliefAct.CANCEL)
        rest = self.left
        self.state = ReliefState.GIVEN if self.given else ReliefState.CANCELLED
        self.ended_on = on
        return self._entry(EntryKind.RELEASE, rest) if rest else None

    def _decide(self, act: ReliefAct, *, by: str, on: date) -> None:
        self._need(act)
        if by == self.applied_by:
            raise SamePerson("申请人不得审批自己的申请")
        self.decided_by, self.decided_on = by, on

    def _need(self, act: ReliefAct) -> None:
        if act not in self.allowed:
            raise IllegalReliefStep(
                f"当前状态为{self.state.label}",
                current=str(self.state), allowed=[str(each) for each in self.allowed],
            )  # fmt: skip

    def _entry(self, kind: EntryKind, amount: int) -> Entry | None:
        return Entry(kind, amount) if self.kind is ReliefKind.MONEY else None
