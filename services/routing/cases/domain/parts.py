"""Joint handling 会办: who takes which part in a matter of several organs (Art. 24).

One organ leads: the one that has the case. The others each have a part with its own due date,
opinion and verdict. Who was excused has no part in the case any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.vocabulary.cases import PartRole, PartState, PartVerdict
from shared.workflow.table import RuleBroken


@dataclass(slots=True, kw_only=True)
class Part:
    """One organ's part in a joint matter, shared out in the hold `referral`. Dates are legal local
    days; `answered_on` is the day of an opinion that was not returned."""

    part_id: UUID
    ordinal: int
    referral: int
    organ_code: str
    organ_division: str
    role: PartRole
    task: str
    due_on: date
    assigned_on: date
    assigned_by: str
    opinion: str | None = None
    answered_on: date | None = None
    verdict: str | None = None
    verdict_on: date | None = None
    verdict_reasons: str | None = None
    excused_on: date | None = None
    excused_by: str | None = None
    excused_reasons: str | None = None

    @property
    def state(self) -> PartState:
        """Where it is."""
        if self.excused_on is not None:
            return PartState.EXCUSED
        if self.answered_on is None:
            return PartState.RETURNED if self.verdict == PartVerdict.RETURNED else PartState.OPEN
        return PartState.ACCEPTED if self.verdict == PartVerdict.ACCEPTED else PartState.ANSWERED

    @property
    def is_open(self) -> bool:
        """Whether its organ still owes an opinion."""
        return self.answered_on is None and self.excused_on is None

    @property
    def is_there(self) -> bool:
        """Whether its organ has to do with the case: it was not excused."""
        return self.excused_on is None

    def answer(self, opinion: str, *, on: date) -> None:
        """The organ gives its opinion; an earlier verdict was about an earlier one. Raises
        RuleBroken when none is owed."""
        self._need_open()
        self.opinion, self.answered_on = opinion, on
        self.verdict = self.verdict_on = self.verdict_reasons = None

    def judge(self, *, accepted: bool, reasons: str, on: date) -> None:
        """The lead takes the opinion, or returns it: then the part is open again. Raises RuleBroken
        without an opinion to judge, and for one returned without reasons."""
        if not accepted and not reasons:
            raise RuleBroken("退回会办意见须说明理由")
        if self.answered_on is None or self.verdict is not None:
            raise RuleBroken("该分工没有待审核的意见")
        self.verdict = PartVerdict.ACCEPTED if accepted else PartVerdict.RETURNED
        self.verdict_on, self.verdict_reasons = on, reasons
        if not accepted:
            self.answered_on = None

    def excuse(self, *, by: str, reasons: str, on: date) -> None:
        """Nothing is owed any more, and the organ has no part in the case. Raises RuleBroken when
        nothing is owed."""
        self._need_open()
        self.excused_on, self.excused_by, self.excused_reasons = on, by, reasons

    def _need_open(self) -> None:
        if not self.is_open:
            raise RuleBroken("该分工已经提出意见或者已经免除")


def assisting(parts: Iterable[Part]) -> frozenset[str]:
    """Organs that have or had a part and were not excused."""
    return frozenset(part.organ_code for part in parts if part.is_there)


def fall_away(parts: Iterable[Part], *, by: str, on: date) -> None:
    """The lead gave the case back: what it waited for is owed to nobody; a new lead shares anew."""
    for part in parts:
        if part.is_open:
            part.excuse(by=by, reasons="承办单位变更，原分工终止", on=on)
