"""One paper owed in a case, and what the case, its acts and the rules say for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.due import suspensions
from services.routing.cases.domain.referral import Done, Notice, Referral
from shared.kernel.workdays import Limit
from shared.papers.errors import NotPrintable
from shared.reference.editions import Reference
from shared.reference.limits import LimitRow
from shared.vocabulary.acts import Act
from shared.vocabulary.duties import Stop


@dataclass(frozen=True, slots=True)
class Owed:
    """A paper owed in a case; `words` has the masked words of the petition."""

    case: Case
    notice: Notice
    words: Any
    reference: Reference

    @property
    def held(self) -> Referral:
        """The hold it is about. Raises NotPrintable where there is none."""
        if not self.notice.referral:
            raise NotPrintable("没有承办单位")
        return self.case.referrals[self.notice.referral - 1]

    def done(self, act: Act) -> Done:
        """The newest act of the hold, else of the case. Raises NotPrintable without one."""
        journal = self.case.journal
        found = journal.last(act, referral=self.notice.referral) or journal.last(act)
        if found is None:
            raise NotPrintable("办理经过中没有这一步骤")
        return found

    def said(self, act: Act, wanted: Mapping[str, str]) -> dict[str, Any]:
        """What an act said under these names. Raises NotPrintable with the words for what it did
        not say."""
        data = self.done(act).data
        if missing := [words for name, words in wanted.items() if data.get(name) is None]:
            raise NotPrintable(f"没有分项写明{'、'.join(missing)}，请手工制作")
        return {name: data[name] for name in wanted}

    def organ(self, code: str | None) -> str:
        """The name of an organ."""
        found = self.reference.organs.get(code) if code else None
        return found.name if found else code or ""

    def superior(self, code: str) -> str:
        """The name of the organ one level up, where a remedy is asked for."""
        above = self.reference.organs.superior(code, root=self.reference.root_division)
        return above.name if above else "上一级机关、单位"

    def limit(self, kind: str, on: date) -> LimitRow:
        """The row of a right or a limit of claims, off the limit table."""
        division = self.held.organ_division
        return self.reference.limits.select(kind, division_code=division, purpose="claim", on=on)

    def handled_by(self, accepted: date, *, extension: int = 0, seen: date | None = None) -> date:
        """Last day of the handling limit of a claim (Art. 34), without suspensions until `seen`."""
        row = self.limit("D5", accepted)
        stops = suspensions(self.case, self.held) if Stop.SUSPENSION in row.stops else []
        limit = Limit(
            row.length or 1, row.unit, roll=row.roll, extension=extension,
            suspensions=tuple(each for each in stops if seen and each.first <= seen),
        )  # fmt: skip
        return self.reference.calendar.due(accepted, limit).last_day
