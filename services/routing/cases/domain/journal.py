"""What the acts of a case add up to. Nothing of this is stored twice: it is read off the acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.routing.cases.domain.referral import Done
from services.routing.cases.domain.said import Accepted, Extended, Recused
from shared.vocabulary.acts import Act
from shared.workflow import journal


@dataclass(frozen=True, slots=True)
class Interval:
    """From a day to a day, both included; `to` is None while it lasts."""

    start: date
    to: date | None


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension granted (Art. 34): days added, the day the head approved it."""

    days: int
    approved_on: date


class Journal(journal.Journal[Done]):
    """The acts of one case, oldest first. `referral=` limits a question to one hold."""

    def intervals(self, begin: Act, end: Act, *, referral: int) -> list[Interval]:
        """From each beginning to its end."""
        found: list[Interval] = []
        for done in self.of(begin, end, referral=referral):
            if done.act is begin:
                found.append(Interval(done.on, None))
            elif found and found[-1].to is None:
                found[-1] = Interval(found[-1].start, done.on)
        return found

    def signed_on(self, referral: int) -> date | None:
        """Day the organ signed for the case (签收)."""
        done = self.last(Act.SIGN, referral=referral)
        return done.on if done else None

    def is_simple(self, referral: int) -> bool:
        """Whether the simple procedure (简易办理) is used now."""
        done = self.last(Act.ACCEPT, Act.TO_ORDINARY, referral=referral)
        return done is not None and done.act is Act.ACCEPT and done.said(Accepted).simple

    def to_ordinary_on(self, referral: int) -> date | None:
        """Day the ordinary procedure took over from the simple one."""
        done = self.last(Act.TO_ORDINARY, referral=referral)
        return done.on if done else None

    def extension(self, referral: int) -> Extension | None:
        """The one extension of a hold, None when there is none."""
        done = self.last(Act.EXTEND, referral=referral)
        return Extension(done.said(Extended).days, done.on) if done else None

    def reported_on(self, referral: int) -> date | None:
        """Day of the closing report (办结报告) that was not returned, None without one."""
        done = self.last(Act.REPORT, Act.RETURN_REPORT, referral=referral)
        return done.on if done is not None and done.act is Act.REPORT else None

    def report_pending(self, referral: int) -> bool:
        """Whether a closing report waits for the assigner's verdict."""
        return self.lasts(Act.REPORT, Act.TAKE_REPORT, Act.RETURN_REPORT, referral=referral)

    def report_taken(self, referral: int) -> bool:
        """Whether the assigner took the closing report."""
        done = self.last(Act.REPORT, Act.TAKE_REPORT, Act.RETURN_REPORT, referral=referral)
        return done is not None and done.act is Act.TAKE_REPORT

    def carried_out_on(self, referral: int) -> date | None:
        """Day the opinion was found carried out."""
        done = self.last(Act.CARRY_OUT, referral=referral)
        return done.on if done else None

    def recused(self) -> frozenset[str]:
        """Persons who must not act in this case any more (Art. 28(3))."""
        return frozenset(done.said(Recused).recused for done in self.of(Act.RECUSE))
