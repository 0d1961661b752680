"""What a referral of a case calls for, by its organ and by the organ that sent it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.supervision.duties.domain.requirement import (
    End,
    Requirement,
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
class ReferralDuties:
    """The duties of one referral, between the one before and the one after it."""

    case: CaseFacts
    referral: ReferralFacts
    before: ReferralFacts | None
    after: ReferralFacts | None

    def requirements(self) -> Iterator[Requirement]:
        """All that the referral calls for, what has already ended included."""
        if self.referral.kind is ReferralKind.GUIDE:
            end = fulfilled(self.referral.ended_on or self.case.closed_on) or self._over
            yield self._own(DutyKind.GUIDED, start=self.referral.referred_on, end=end)
            return
        if self.referral.is_review:
            yield from self._review()
        else:
            yield from self._acceptance()
            yield from self._handling()
        yield from self._delivery()
        yield from self._report()
        yield from self._objection()

    @property
    def _over(self) -> End | None:
        """When the organ had finished. In older events the end of the case alone says so."""
        referral = self.referral
        return (
            fell_away(referral.verdict_on if referral.upheld else None)
            or fulfilled(referral.ended_on)
            or self._next
            or fell_away(self.case.closed_on)
        )

    @property
    def _next(self) -> End | None:
        """What can't be done once the case is with the next organ falls away then."""
        return fell_away(self.after.referred_on if self.after else None)

    def _acceptance(self) -> Iterator[Requirement]:
        """Accept and tell, or object (Art. 23). What a review sends back needs neither."""
        referral, case = self.referral, self.case
        if self.before is not None and self.before.is_redo:
            return
        taken = referral.accepted_on or referral.answered_on
        start, end = referral.referred_on, fulfilled(taken) or self._over
        if referral.kind is not ReferralKind.OWN:
            law = (DutyKind.D3,) if case.notice_owed else ()
            yield self._own(*law, DutyKind.ACCEPTANCE, start=start, end=end)
            over = self._over
            used = fulfilled(referral.objected_on) or fell_away(
                taken or (over.on if over else None)
            )
            yield self._own(DutyKind.D4, start=start, end=used, optional=True)
        elif case.by_petition_office or referral.ordinal > 1 or not case.was_kept:
            yield self._own(DutyKind.ACCEPTANCE, start=start, end=end)  # else D2 is this very duty

    def _handling(self) -> Iterator[Requirement]:
        """Art. 34 for claims; the simple procedure has its own number."""
        referral = self.referral
        if referral.accepted_on is None:
            return
        simple = (DutyKind.SIMPLE,) if referral.simple else ()
        yield self._own(
            *simple,
            DutyKind.D5,
            DutyKind.HANDLING,
            start=referral.accepted_on,
            end=fulfilled(referral.answered_on) or self._over,
            extension=referral.extension,
            pauses=referral.pauses,
        )

    def _review(self) -> Iterator[Requirement]:
        """Art. 35; in a re-review the time of hearings is not counted (Art. 36)."""
        referral = self.referral
        again = referral.kind is ReferralKind.RE_REVIEW
        yield self._own(
            DutyKind.D9 if again else DutyKind.D7,
            start=referral.referred_on,
            end=fulfilled(referral.answered_on) or self._over,
            pauses=referral.pauses,
            purpose=CLAIM,
        )

    def _delivery(self) -> Iterator[Requirement]:
        """Deliver the opinion and see it carried out (Art. 32), or see the agreement fulfilled."""
        referral = self.referral
        delivered = fulfilled(referral.delivered_on)
        if referral.agreed_on is not None:
            end = delivered or self._over
            yield self._own(DutyKind.FULFILMENT, start=referral.agreed_on, end=end)
        elif referral.answered_on is not None and (referral.opinion or not referral.is_review):
            end = delivered or self._over  # a review refused has no opinion to deliver
            yield self._own(DutyKind.DELIVERY, start=referral.answered_on, end=end)
        if referral.carry_out and referral.delivered_on is not None:
            end = earliest(fulfilled(referral.carried_out_on), self._next)
            yield self._own(DutyKind.CARRYING, start=referral.delivered_on, end=end)

    def _report(self) -> Iterator[Requirement]:
        """An assignment ends with a closing report that the assigner took (Art. 22(3)); neither
        ends with the case."""
        referral = self.referral
        if referral.kind is not ReferralKind.ASSIGNMENT:
            return
        back = fell_away(referral.verdict_on if referral.upheld else None) or self._next
        if referral.assigned_due_on is not None:
            days = max(1, (referral.assigned_due_on - referral.referred_on).days)
            end = earliest(fulfilled(referral.reported_on), back)
            if not referral.reports:
                end = fulfilled(referral.answered_on) or self._over
            yield self._own(DutyKind.ASSIGNED, start=referral.referred_on, end=end, days=days)
        if referral.reported_on is not None:
            end = earliest(fulfilled(referral.report_judged_on), back)
            organ = referral.from_organ
            yield self._by(organ, DutyKind.REPORT_VERDICT, start=referral.reported_on, end=end)

    def _objection(self) -> Iterator[Requirement]:
        """The sender judges an objection; whoever decides finds another destination (Art. 23)."""
        referral, case = self.referral, self.case
        if referral.objected_on is not None:
            end = fulfilled(referral.verdict_on) or self._over
            organ = referral.from_organ
            yield self._by(organ, DutyKind.VERDICT, start=referral.objected_on, end=end)
        if referral.upheld and referral.verdict_on is not None:
            back = referral.verdict_on
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
            return self.referral.from_organ
        return self.after.from_organ if self.after else self.case.decider

    def _own(self, *kinds: DutyKind, start: date, end: End | None, **more: Any) -> Requirement:
        """A duty of the organ the case was referred to."""
        referral = self.referral
        return self._requirement(
            kinds, referral.organ_code, referral.organ_division, start, end, **more
        )

    def _by(self, organ: str, kind: DutyKind, *, start: date, end: End | None) -> Requirement:
        """A duty of another organ, about this referral."""
        return self._requirement((kind,), organ, organ.partition("-")[0], start, end)

    def _requirement(
        self,
        kinds: tuple[DutyKind, ...],
        organ: str,
        division: str,
        start: date,
        end: End | None,
        **more: Any,
    ) -> Requirement:
        values: dict[str, Any] = {"purpose": self.case.purpose} | more
        return Requirement(
            kinds=kinds,
            subject_kind=SubjectKind.CASE,
            subject_id=self.case.case_id,
            ordinal=self.referral.ordinal,
            organ_code=organ,
            division_code=division,
            started_on=start,
            end=not_before(start, end),
            **values,
        )
