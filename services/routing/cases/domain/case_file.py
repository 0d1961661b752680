"""What a case consists of, and how the table of procedure moves it.

A case (办件) is routing's file of one matter; a referral (流转) is one organ's hold of it. What the
acts change beside the state is in `case.py`. No identity and no text of the petition is in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from services.routing.cases.domain.case_steps import ENDED
from services.routing.cases.domain.guards import GUARDS
from services.routing.cases.domain.journal import Journal
from services.routing.cases.domain.parts import Part, fall_away
from services.routing.cases.domain.procedure import TABLE, Row
from services.routing.cases.domain.referral import Done, History, Notice, Referral
from services.routing.cases.domain.undertakings import Undertaking
from services.routing.cases.domain.withdrawal import Withdrawal
from services.routing.jurisdiction.domain.decision import Decision
from shared.kernel.errors import Invalid
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import (
    CaseState,
    ClosingKind,
    Confidence,
    DecisionKind,
    DecisionReason,
    ReferralKind,
    ReferralState,
    Route,
)
from shared.workflow.guards import Step
from shared.workflow.table import IllegalStep


@dataclass(slots=True, kw_only=True)
class CaseFile:
    """One matter's file. `version` counts changes, `happened` the acts since it was loaded,
    `owed` and `told` the papers that became so since.

    `decider` is the organ that decides where it goes and judges objections; `objections_upheld`
    is the ping-pong counter.
    """

    case_id: UUID
    matter_id: UUID
    petition_ids: list[UUID]
    number: str
    purpose: str
    received_by: str
    received_by_petition_office: bool
    received_on: date
    decider: str
    notice_owed: bool
    opened_on: date
    state: CaseState = CaseState.NEEDS_PERSON
    version: int = 0
    category_code: str | None = None
    division_code: str | None = None
    decision_kind: DecisionKind = DecisionKind.NEEDS_PERSON
    decision_confidence: Confidence = Confidence.UNSURE
    needs_person_reason: DecisionReason | None = None
    copied_to: str | None = None
    complained_organ: str | None = None
    also_accused: str | None = None
    suspected_organ: str | None = None
    decided_on: date | None = None
    answered_on: date | None = None
    delivered_on: date | None = None
    closed_on: date | None = None
    closing_kind: ClosingKind | None = None
    objections_upheld: int = 0
    referrals: list[Referral] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    undertakings: list[Undertaking] = field(default_factory=list)
    withdrawn: Withdrawal | None = None
    awaits: str | None = None
    history: History | None = None
    editions: Mapping[str, str] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    happened: list[Act] = field(default_factory=list, compare=False)
    owed: list[Notice] = field(default_factory=list, compare=False)
    told: list[Notice] = field(default_factory=list, compare=False)

    @property
    def last(self) -> Referral | None:
        """The newest referral, also one that was given back."""
        return self.referrals[-1] if self.referrals else None

    @property
    def current(self) -> Referral | None:
        """The referral of the organ that has the case, None before the first decision, after an
        upheld objection and while a reopened case waits for a new decision."""
        last = self.last
        waiting = self.state in (CaseState.NEEDS_PERSON, CaseState.PUT_UP)
        return None if waiting or last is None or last.is_over else last

    @property
    def hold(self) -> Referral | None:
        """The hold an act is about: the current one, in an ended case the last. None where that was
        given back: a case may end while nobody has it."""
        if self.state not in ENDED:
            return self.current
        return None if self.last is None or self.last.is_over else self.last

    @property
    def handling(self) -> Referral | None:
        """The newest hold that handles the matter itself, reviews left out."""
        held = (each for each in reversed(self.referrals) if not each.is_review)
        return next(held, None)

    @property
    def holder(self) -> str | None:
        """The organ that has the case now: its handler's, else the one that decides where it goes;
        None when closed."""
        if self.state in ENDED:
            return None
        return self.current.organ_code if self.current else self.decider

    @property
    def next_organ(self) -> str | None:
        """Who must act next, None when closed."""
        if self.state is CaseState.OBJECTED and self.current is not None:
            return self.current.from_organ
        return self.holder

    @property
    def entity_id(self) -> UUID:
        """Its identity, as the workflow names it."""
        return self.case_id

    @property
    def allowed(self) -> tuple[Act, ...]:
        """Acts the table and the case itself allow now, in the table's order; the rules in force
        may narrow them (`Workflow.allowed`)."""
        rows = TABLE.fitting(self)
        free = (row.act for row in rows if GUARDS.broken(self, row.guards) is None)  # type: ignore[arg-type]
        return tuple(dict.fromkeys(free))

    def take(self, row: Row, step: Step) -> None:
        """Note an act in the journal and move case and hold by its row of the table."""
        current = self.current
        done = Done(
            len(self.journal) + 1,
            row.act,
            step.on,
            step.organ,
            step.person,
            referral=current.ordinal if current else 0,
            data=step.said,
        )
        self.journal.add(done)
        self._move(row, step.on)

    def decide(
        self, decision: Decision, *, referral_id: UUID, by_organ: str, on: date,
        route: Route | None = None,
    ) -> None:  # fmt: skip
        """Hand the case over, keep it, or guide the petitioner (Art. 22, 23, 31), by the rules.

        Raises Invalid for a decision that hands nothing over, IllegalStep.
        """
        row = next((row for row in TABLE.fitting(self) if row.act is Act.DECIDE), None)
        if row is None:
            raise IllegalStep(self.state, self.allowed, f"当前状态为{self.state.label}")
        self.hand_over(decision, referral_id=referral_id, by_organ=by_organ, on=on, route=route)
        self._move(row, on)

    def hand_over(
        self, decision: Decision, *, referral_id: UUID, by_organ: str, on: date,
        route: Route | None = None,
    ) -> None:  # fmt: skip
        """Add the hold a decision makes. Raises Invalid for one that hands nothing over."""
        if not decision.hands_over or decision.organ_code is None:
            raise Invalid("必须确定承办单位")
        kind = ReferralKind(str(decision.kind))
        self._take(decision)
        self.decided_on = self.decided_on or on
        self.closed_on = self.closing_kind = None
        guided = kind is ReferralKind.GUIDE
        self.add(
            kind, decision.organ_code, decision.organ_division or "",
            referral_id=referral_id, from_organ=by_organ, on=on,
            state=ReferralState.GUIDED if guided else ReferralState.PENDING,
            assigned_due_on=decision.assigned_due_on, guided_to=decision.guided_to, route=route,
        )  # fmt: skip

    def add(
        self, kind: ReferralKind, organ_code: str, organ_division: str, *, referral_id: UUID,
        from_organ: str, on: date, **more: Any,
    ) -> Referral:  # fmt: skip
        """A further hold of the case."""
        referral = Referral(
            referral_id=referral_id, ordinal=len(self.referrals) + 1, kind=kind,
            organ_code=organ_code, organ_division=organ_division, from_organ=from_organ,
            referred_on=on, **more,
        )  # fmt: skip
        self.referrals.append(referral)
        return referral

    def take_over(self, decision: Decision, *, referral_id: UUID, history: History) -> None:
        """Open in the end state the case had where it came from (decision 0015).

        An answered row is closed on the day of its answer; no acceptance is invented, and
        delivery is not known. An unanswered one waits at the organ the decision names.
        """
        self._take(decision)
        self.decision_kind = DecisionKind.IMPORTED
        self.needs_person_reason = None
        self.history = history
        self.decided_on = self.received_on
        answered = history.answered_on
        holder = decision.organ_code or self.decider
        self.add(
            ReferralKind.TRANSFER, holder, holder.partition("-")[0],
            referral_id=referral_id, from_organ=self.decider, on=self.received_on,
            state=ReferralState.ANSWERED if answered else ReferralState.PENDING,
            answered_on=answered,
        )  # fmt: skip
        self.answered_on = self.closed_on = answered
        self.closing_kind = ClosingKind.ANSWERED if answered else None
        self.state = CaseState.CLOSED if answered else CaseState.REFERRED

    def wait_for_person(self, decision: Decision) -> None:
        """Note why a person must decide; the state stays."""
        self._take(decision)

    def back_to_decider(self, reason: DecisionReason) -> None:
        """The case needs a destination again."""
        self.decision_kind = DecisionKind.NEEDS_PERSON
        self.decision_confidence = Confidence.UNSURE
        self.needs_person_reason = reason

    def _move(self, row: Row, on: date) -> None:
        if row.to is not None:
            self.state = row.to
        if row.closes is not None:
            self.closed_on, self.closing_kind = on, row.closes
        held = self.last
        if held is not None and row.act is not Act.DECIDE:
            if row.referral_to is not None:
                held.state = row.referral_to
            if held.state in HOLD_OVER or row.closes is not None:
                held.ended_on = held.ended_on or on
            if held.state is ReferralState.RETURNED:
                fall_away(self.parts, by=held.from_organ, on=on)
        self.happened.append(row.act)

    def _take(self, decision: Decision) -> None:
        self.decision_kind, self.decision_confidence = decision.kind, decision.confidence
        self.needs_person_reason = decision.reason
        self.suspected_organ = decision.suspected.organ_code if decision.suspected else None
        self.copied_to = decision.copied_to
        self.division_code = decision.division_code or self.division_code
        self.category_code = decision.category_code or self.category_code
        self.editions = dict(decision.editions)


HOLD_OVER = frozenset((ReferralState.RETURNED, ReferralState.PASSED, ReferralState.DELIVERED))
"""States of a hold in which its organ owes nothing more for it but what follows delivery."""
