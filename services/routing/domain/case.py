"""A case and its referrals: the rules of each step, and what happened.

A case (办件) is routing's file of one matter; a referral (流转) is one organ's hold of it. No
identity and no text of the petition is in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.routing.domain.case_steps import (
    BY_KIND,
    REFERRAL_STATES,
    SUGGESTION_OPINIONS,
    TRANSITIONS,
    Act,
    CaseState,
    IllegalStep,
    ObjectionTooLate,
    Opinion,
    ReasonsMissing,
    ReferralKind,
    ReferralState,
    WrongOpinion,
)
from services.routing.domain.decision import Confidence, Decision, DecisionKind, Reason
from shared.kernel.errors import Invalid


@dataclass(slots=True, kw_only=True)
class Referral:
    """One organ's hold of a case. Dates are legal local days."""

    referral_id: UUID
    ordinal: int
    kind: ReferralKind
    organ_code: str
    organ_division: str
    from_organ: str
    referred_on: date
    state: ReferralState = ReferralState.PENDING
    assigned_due_on: date | None = None
    guided_to: str | None = None
    objected_on: date | None = None
    objection_reasons: str | None = None
    verdict: str | None = None
    verdict_on: date | None = None
    verdict_reasons: str | None = None
    accepted_on: date | None = None
    answered_on: date | None = None
    opinion: Opinion | None = None
    answer_text: str | None = None
    legal_basis: str | None = None
    delivered_on: date | None = None
    delivery_method: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Where an imported case came from and when it was answered there."""

    source: str
    source_id: str
    answered_on: date | None


@dataclass(slots=True, kw_only=True)
class Case:
    """One matter's file. `version` counts changes, `happened` the acts since it was loaded.

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
    needs_person_reason: Reason | None = None
    copied_to: str | None = None
    decided_on: date | None = None
    answered_on: date | None = None
    delivered_on: date | None = None
    closed_on: date | None = None
    objections_upheld: int = 0
    referrals: list[Referral] = field(default_factory=list)
    history: History | None = None
    editions: Mapping[str, str] = field(default_factory=dict)
    happened: list[Act] = field(default_factory=list, compare=False)

    @property
    def current(self) -> Referral | None:
        """The referral of the organ that has the case, None before the first decision or after
        an upheld objection."""
        last = self.referrals[-1] if self.referrals else None
        return None if last is None or last.state is ReferralState.RETURNED else last

    @property
    def holder(self) -> str | None:
        """The organ that has the case now: its handler's, else the one that decides where it goes;
        None when closed."""
        if self.state is CaseState.CLOSED:
            return None
        return self.current.organ_code if self.current else self.decider

    @property
    def next_organ(self) -> str | None:
        """Who must act next, None when closed."""
        if self.state is CaseState.CLOSED:
            return None
        if self.state is CaseState.NEEDS_PERSON or self.current is None:
            return self.decider
        if self.state is CaseState.OBJECTED:
            return self.current.from_organ
        return self.current.organ_code

    @property
    def allowed(self) -> tuple[Act, ...]:
        """Acts the transition table, the kind of referral and earlier verdicts allow now."""
        acts = [act for state, act in TRANSITIONS if state is self.state]
        current = self.current
        if current is not None:
            acts = [act for act in acts if act in BY_KIND[current.kind]]
            if current.verdict is not None:
                acts = [act for act in acts if act is not Act.OBJECT]
        return tuple(acts)

    def decide(self, decision: Decision, *, referral_id: UUID, by_organ: str, on: date) -> None:
        """Hand the case over, keep it, or guide the petitioner (Art. 22, 23, 31).

        Raises Invalid for a decision that hands nothing over.
        """
        if not decision.hands_over or decision.organ_code is None:
            raise Invalid("必须确定承办单位")
        self._require(Act.DECIDE)
        kind = ReferralKind(str(decision.kind))
        self._take(decision)
        self._move(Act.DECIDE)
        self.decided_on = self.decided_on or on
        guided = kind is ReferralKind.GUIDE
        self.referrals.append(
            Referral(
                referral_id=referral_id,
                ordinal=len(self.referrals) + 1,
                kind=kind,
                organ_code=decision.organ_code,
                organ_division=decision.organ_division or "",
                from_organ=by_organ,
                referred_on=on,
                state=ReferralState.GUIDED if guided else ReferralState.PENDING,
                assigned_due_on=decision.assigned_due_on,
                guided_to=decision.guided_to,
            )
        )

    def take_over(self, decision: Decision, *, referral_id: UUID, history: History) -> None:
        """Open in the end state the case had where it came from (decisions 17).

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
        self.referrals = [
            Referral(
                referral_id=referral_id,
                ordinal=1,
                kind=ReferralKind.TRANSFER,
                organ_code=holder,
                organ_division=holder.partition("-")[0],
                from_organ=self.decider,
                referred_on=self.received_on,
                state=ReferralState.ANSWERED if answered else ReferralState.PENDING,
                answered_on=answered,
            )
        ]
        self.answered_on = self.closed_on = answered
        self.state = CaseState.CLOSED if answered else CaseState.REFERRED

    def wait_for_person(self, decision: Decision) -> None:
        """Note why a person must decide; the state stays."""
        self._take(decision)

    def accept(self, *, on: date) -> None:
        """受理: the handling limit runs from this day (Art. 34)."""
        self._step(Act.ACCEPT).accepted_on = on

    def object_to(self, *, reasons: str, on: date, last_day: date) -> None:
        """异议: not ours, with detailed reasons, until the end of `last_day` (Art. 23(3)).

        Raises ReasonsMissing, ObjectionTooLate (the window lapsed; it is not overdue).
        """
        self._require(Act.OBJECT)
        if not reasons.strip():
            raise ReasonsMissing("提出异议须详细说明理由")
        if on > last_day:
            raise ObjectionTooLate(f"异议期已于{last_day.isoformat()}届满", last_day=str(last_day))
        referral = self._step(Act.OBJECT)
        referral.objected_on = on
        referral.objection_reasons = reasons.strip()

    def judge_objection(self, *, upheld: bool, reasons: str, on: date) -> None:
        """The sender's verdict: upheld goes back to a decision, refused must be accepted.

        Raises ReasonsMissing for a refusal without reasons.
        """
        act = Act.UPHOLD if upheld else Act.REFUSE
        self._require(act)
        if not upheld and not reasons.strip():
            raise ReasonsMissing("不予采纳异议须说明理由")
        referral = self._step(act)
        referral.verdict = "upheld" if upheld else "refused"
        referral.verdict_on = on
        referral.verdict_reasons = reasons.strip()
        if upheld:
            self.objections_upheld += 1
            self.decision_kind = DecisionKind.NEEDS_PERSON
            self.decision_confidence = Confidence.UNSURE
            self.needs_person_reason = Reason.OBJECTION_UPHELD

    def answer(self, *, opinion: Opinion, text: str, legal_basis: str, on: date) -> None:
        """信访处理意见书: request, facts, opinion and legal basis (Art. 32); suggestions are
        answered as adopted or not (Art. 29). Raises WrongOpinion."""
        self._require(Act.ANSWER)
        if (opinion in SUGGESTION_OPINIONS) != (self.purpose == "suggestion"):
            raise WrongOpinion("意见种类与信访目的不符")
        referral = self._step(Act.ANSWER)
        referral.opinion = opinion
        referral.answer_text = text
        referral.legal_basis = legal_basis
        referral.answered_on = self.answered_on = on

    def deliver(self, *, method: str, on: date) -> None:
        """送达: closed until a review is asked for (Art. 35)."""
        self._finish(Act.DELIVER, method, on)

    def tell(self, *, method: str, on: date) -> None:
        """告知: the petitioner was told which body to go to (Art. 22, 31); closed."""
        self._finish(Act.TELL, method, on)

    def _finish(self, act: Act, method: str, on: date) -> None:
        referral = self._step(act)
        referral.delivery_method = method
        referral.delivered_on = self.delivered_on = self.closed_on = on

    def _take(self, decision: Decision) -> None:
        self.decision_kind = decision.kind
        self.decision_confidence = decision.confidence
        self.needs_person_reason = decision.reason
        self.copied_to = decision.copied_to
        self.division_code = decision.division_code or self.division_code
        self.category_code = decision.category_code or self.category_code
        self.editions = dict(decision.editions)

    def _require(self, act: Act) -> None:
        if act not in self.allowed:
            raise IllegalStep(self.state, self.allowed)

    def _step(self, act: Act) -> Referral:
        """Move case and current referral by the tables. Raises IllegalStep."""
        self._require(act)
        referral = self.current
        if referral is None:  # only DECIDE is allowed then, and it does not come here
            raise IllegalStep(self.state, self.allowed)
        referral.state = REFERRAL_STATES[act]
        self._move(act)
        return referral

    def _move(self, act: Act) -> None:
        self.state = TRANSITIONS[self.state, act]
        self.happened.append(act)
