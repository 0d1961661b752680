"""What one organ's hold of a case calls for, and what it leaves to its sender."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.supervision.duties.domain.need import (
    End,
    Need,
    earliest,
    fell_away,
    fulfilled,
    not_before,
)
from services.supervision.facts.domain import CaseFacts, ReferralFacts
from shared.vocabulary.cases import ReferralKind
from shared.vocabulary.duties import DutyKind, SubjectKind

CLAIM: Final = "claim"
"""Only claims are reviewed (Art. 35), whatever the purpose was corrected to since."""


def closed(case: CaseFacts) -> End | None:
    """The end of the case: not to take it (不予受理, 不再受理) is a decision on it, all else ends
    what was still owed."""
    return fulfilled(case.closed_on) if case.refused else fell_away(case.closed_on)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold between the one before and the one after it."""

    case: CaseFacts
    held: ReferralFacts
    before: ReferralFacts | None
    after: ReferralFacts | None

    def needs(self) -> Iterator[Need]:
        """All that the hold calls for, what has already ended included."""
        if self.held.kind is ReferralKind.GUIDE:
            end = fulfilled(self.held.ended_on or self.case.closed_on) or self._over
            yield self._own(DutyKind.GUIDED, start=self.held.referred_on, end=end)
            return
        if self.held.is_review:
            yield from self._review()
        else:
            yield from self._acceptance()
            yield from self._handling()
        yield from self._delivery()
        yield from self._report()
        yield from self._objection()

    @property
    def _over(self) -> End | None:
        """When the organ was through with it. Older events tell it by the end of the case alone."""
        held = self.held
        return (
            fell_away(held.verdict_on if held.upheld else None)
            or fulfilled(held.ended_on)
            or self._next
            or fell_away(self.case.closed_on)
        )

    @property
    def _next(self) -> End | None:
        """What nobody can do any more once the case is with the next organ falls away then."""
        return fell_away(self.after.referred_on if self.after else None)

    def _acceptance(self) -> Iterator[Need]:
        """Accept and tell, or object (Art. 23). What a review sends back needs neither."""
        held, case = self.held, self.case
        if self.before is not None and self.before.is_redo:
            return
        taken = held.accepted_on or held.answered_on
        start, end = held.referred_on, fulfilled(taken) or self._over
        if held.kind is not ReferralKind.OWN:
            law = (DutyKind.D3,) if case.notice_owed else ()
            yield self._own(*law, DutyKind.ACCEPTANCE, start=start, end=end)
            over = self._over
            used = fulfilled(held.objected_on) or fell_away(taken or (over.on if over else None))
            yield self._own(DutyKind.D4, start=start, end=used, optional=True)
        elif case.by_petition_office or held.ordinal > 1 or not case.was_kept:
            yield self._own(DutyKind.ACCEPTANCE, start=start, end=end)  # else D2 is this very duty

    def _handling(self) -> Iterator[Need]:
        """Art. 34 for claims; the simple procedure has its own number."""
        held = self.held
        if held.accepted_on is None:
            return
        simple = (DutyKind.SIMPLE,) if held.simple else ()
        yield self._own(
            *simple,
            DutyKind.D5,
            DutyKind.HANDLING,
            start=held.accepted_on,
            end=fulfilled(held.answered_on) or self._over,
            extension=held.extension,
            pauses=held.pauses,
        )

    def _review(self) -> Iterator[Need]:
        """Art. 35; in a re-review the time of hearings is not counted (Art. 36)."""
        held = self.held
        again = held.kind is ReferralKind.RE_REVIEW
        yield self._own(
            DutyKind.D9 if again else DutyKind.D7,
            start=held.referred_on,
            end=fulfilled(held.answered_on) or self._over,
            pauses=held.pauses,
            purpose=CLAIM,
        )

    def _delivery(self) -> Iterator[Need]:
        """Deliver the opinion and see it carried out (Art. 32), or see the agreement fulfilled."""
        held = self.held
        delivered = fulfilled(held.delivered_on)
        if held.agreed_on is not None:
            end = delivered or self._over
            yield self._own(DutyKind.FULFILMENT, start=held.agreed_on, end=end)
        elif held.answered_on is not None and (held.opinion or not held.is_review):
            end = delivered or self._over  # a review refused has no opinion to deliver
            yield self._own(DutyKind.DELIVERY, start=held.answered_on, end=end)
        if held.carry_out and held.delivered_on is not None:
            end = earliest(fulfilled(held.carried_out_on), self._next)
            yield self._own(DutyKind.CARRYING, start=held.delivered_on, end=end)

    def _report(self) -> Iterator[Need]:
        """An assignment ends with a closing report that the assigner took (Art. 22(3)); neither
        ends with the case."""
        held = self.held
        if held.kind is not ReferralKind.ASSIGNMENT:
            return
        back = fell_away(held.verdict_on if held.upheld else None) or self._next
        if held.assigned_due_on is not None:
            days = max(1, (held.assigned_due_on - held.referred_on).days)
            end = earliest(fulfilled(held.reported_on), back)
            if not held.reports:
                end = fulfilled(held.answered_on) or self._over
            yield self._own(DutyKind.ASSIGNED, start=held.referred_on, end=end, days=days)
        if held.reported_on is not None:
            end = earliest(fulfilled(held.report_judged_on), back)
            organ = held.from_organ
            yield self._by(organ, DutyKind.REPORT_VERDICT, start=held.reported_on, end=end)

    def _objection(self) -> Iterator[Need]:
        """The sender judges an objection; whoever decides finds another destination (Art. 23)."""
        held, case = self.held, self.case
        if held.objected_on is not None:
            end = fulfilled(held.verdict_on) or self._over
            organ = held.from_organ
            yield self._by(organ, DutyKind.VERDICT, start=held.objected_on, end=end)
        if held.upheld and held.verdict_on is not None:
            back = held.verdict_on
            # One that ended on that very day was before; else the next one tells the same day.
            waits = [
                wait.since
                for wait in case.waits
                if wait.since >= back and (wait.until is None or wait.until > back)
            ]
            end = earliest(
                fulfilled(self.after.referred_on if self.after else None),
                fulfilled(min(waits, default=None)),
                closed(case),
            )
            yield self._by(self._decider, DutyKind.REDIRECT, start=back, end=end)

    @property
    def _decider(self) -> str:
        """Who had to find the next destination; in older events always who sent it."""
        if self.case.decider is None:
            return self.held.from_organ
        return self.after.from_organ if self.after else self.case.decider

    def _own(self, *kinds: DutyKind, start: date, end: End | None, **more: Any) -> Need:
        """A duty of the organ that holds the case."""
        held = self.held
        return self._need(kinds, held.organ_code, held.organ_division, start, end, **more)

    def _by(self, organ: str, kind: DutyKind, *, start: date, end: End | None) -> Need:
        """A duty of another organ, about this hold."""
        return self._need((kind,), organ, organ.partition("-")[0], start, end)

    def _need(
        self,
        kinds: tuple[DutyKind, ...],
        organ: str,
        division: str,
        start: date,
        end: End | None,
        **more: Any,
    ) -> Need:
        values: dict[str, Any] = {"purpose": self.case.purpose} | more
        return Need(
            kinds=kinds,
            subject_kind=SubjectKind.CASE,
            subject_id=self.case.case_id,
            ordinal=self.held.ordinal,
            organ_code=organ,
            division_code=division,
            started_on=start,
            end=not_before(start, end),
            **values,
        )
