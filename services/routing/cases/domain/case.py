"""A case: what each act changes beside its state, and the rules about what an act says.

The table of `procedure.py` has moved the case when one of these is called; which act is possible
when is decided there. `on` is the legal local day of the act.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.routing.cases.domain.case_file import CaseFile
from services.routing.cases.domain.case_steps import (
    CLAIM_OPINIONS,
    REVIEW_OPINIONS,
    SUGGESTION_OPINIONS,
    ReasonsMissing,
    WrongOpinion,
)
from services.routing.cases.domain.parts import Part
from services.routing.cases.domain.referral import Referral
from services.routing.cases.domain.rules import decider_of
from services.routing.cases.domain.undertakings import Undertaking, lapse
from shared.kernel.errors import Invalid
from shared.reference.editions import Reference
from shared.reference.organs import Organ, Organs
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import (
    ClosingKind,
    DecisionReason,
    Opinion,
    ReferralKind,
    ReferralState,
)
from shared.workflow.table import RuleBroken


@dataclass(slots=True, kw_only=True)
class Case(CaseFile):
    """One matter's file, and what may be done with it."""

    def settled(self, *, purpose: str | None, complained_organ: str | None, organs: Organs) -> Case:
        """The case as a person has settled its purpose and who is complained of. Raises Invalid
        for an organ that is not there, and while the purpose is uncertain."""
        if complained_organ is not None and organs.get(complained_organ) is None:
            raise Invalid("没有这个机关单位", field="complained_organ")
        found = replace(
            self,
            purpose=purpose or self.purpose,
            complained_organ=complained_organ or self.complained_organ,
        )
        if found.purpose == "uncertain":
            raise Invalid("须先确定信访目的", field="purpose")
        return found

    def settle(self, settled: Case) -> None:
        """Take what a person has settled."""
        self.purpose, self.complained_organ = settled.purpose, settled.complained_organ

    def put_up(self, *, conference: bool, on: date) -> None:
        """Put before the Party committee, the government or the joint conference. Raises RuleBroken
        where only the joint conference can settle it."""
        if self.needs_person_reason is DecisionReason.NO_COMMON_SUPERIOR and not conference:
            raise RuleBroken("没有共同的上一级，须报联席会议协调")
        self.decided_on = self.decided_on or on

    def close_undecided(self, *, on: date) -> None:
        """Not to take it, or to end it withdrawn, is a decision on it too: the receiving office has
        done what it owed."""
        self.decided_on = self.decided_on or on

    def object_to(self, reasons: str, *, on: date) -> None:
        """The organ says that the case is not its own (Art. 23(3)). Raises ReasonsMissing."""
        if not reasons:
            raise ReasonsMissing("提出异议须详细说明理由")
        held = self._held()
        held.objected_on, held.objection_reasons = on, reasons

    def judge_objection(
        self, *, upheld: bool, reasons: str, reference: Reference, on: date
    ) -> None:
        """Uphold an objection (the case needs a new destination) or refuse it (it must be
        accepted). Raises ReasonsMissing for a refusal without reasons."""
        if not upheld and not reasons:
            raise ReasonsMissing("不予采纳异议须说明理由")
        held = self._held()
        held.verdict = "upheld" if upheld else "refused"
        held.verdict_on, held.verdict_reasons = on, reasons
        if upheld:
            self.objections_upheld += 1
            self._next_decider(reference, on)

    def accept(self, *, on: date) -> None:
        """The handling limit runs from today (Art. 34)."""
        self._held().accepted_on = on

    def check_simple(self, kinds: Iterable[str], purposes: Iterable[str]) -> None:
        """Raises RuleBroken where the simple procedure (简易办理) is not for such a case."""
        held = self._held()
        if str(held.kind) not in kinds or self.purpose not in purposes:
            raise RuleBroken("交办、检举控告等事项不适用简易办理")
        if len(self.petition_ids) > 1:
            raise RuleBroken("简易办理只用于初次信访事项")
        if any(part.is_there and part.referral == held.ordinal for part in self.parts):
            raise RuleBroken("涉及多个责任单位的，不适用简易办理")

    def ask_supplement(self, *, wanted_by: date | None, on: date) -> None:
        """Ask for materials; the handling limit runs on. Raises Invalid."""
        if wanted_by is not None and wanted_by < on:
            raise Invalid("建议提交日期不得早于今天", field="wanted_by")

    def recuse(self, person: str, *, replaced_by: str, by: str) -> None:
        """Somebody with a direct interest withdraws, and another takes over (Art. 28(3)). Raises
        Invalid, RuleBroken for who asks for their own."""
        if person == replaced_by:
            raise Invalid("接替人不能是回避人", field="replaced_by")
        if by == person:
            raise RuleBroken("本人的回避由其他负责人决定")

    def suspend(self, *, until: date, on: date) -> None:
        """Days from today to `until` do not count towards the handling limit. Raises Invalid."""
        if until < on:
            raise Invalid("中止的最后一日不得早于今天", field="until")

    def agree(self, promises: Iterable[Undertaking], *, fulfil_by: date, on: date) -> None:
        """Both sides agreed, each with its promises. Raises Invalid for a day that is over, or
        after the one by which the whole is to be fulfilled."""
        if fulfil_by < on:
            raise Invalid("履行期限不得早于今天", field="fulfil_by")
        for each in promises:
            if not on <= each.due_on <= fulfil_by:
                words = "义务的期限不得早于今天，也不得晚于履行期限"
                raise Invalid(words, field="undertakings")
            each.ordinal, each.agreement = len(self.undertakings) + 1, len(self.journal)
            self.undertakings.append(each)
        self._held().answered_on = self.answered_on = on

    def keep_undertaking(self, ordinal: int, outcome: str, *, on: date) -> None:
        """One side kept its promise. Raises Invalid, RuleBroken for one that is not open."""
        found = next((each for each in self.undertakings if each.ordinal == ordinal), None)
        if found is None:
            raise Invalid("没有这项义务", field="undertaking")
        if not found.is_open:
            raise RuleBroken("该项义务已经登记履行，或者协议已不再有效")
        found.keep(outcome, on=on)

    def fulfil(self, *, on: date) -> None:
        """The agreement was fulfilled: the case ends as settled."""
        self._held().delivered_on = self.delivered_on = on

    def breach(self, *, on: date) -> None:
        """The agreement was not fulfilled: what is left of its promises is owed no more."""
        agreed = self.journal.last(Act.AGREE)
        if agreed is not None:
            lapse(self.undertakings, agreement=agreed.ordinal, on=on)
        self._held().answered_on = self.answered_on = None

    def check_opinion(self, opinion: Opinion) -> None:
        """Suggestions are adopted or not (Art. 29), claims supported or not (Art. 32), reviews
        uphold or change (Art. 35, 36). Raises WrongOpinion."""
        current = self.current
        if current is not None and current.is_review:
            fitting = REVIEW_OPINIONS
        else:
            fitting = SUGGESTION_OPINIONS if self.purpose == "suggestion" else CLAIM_OPINIONS
        if opinion not in fitting:
            raise WrongOpinion("意见种类与信访目的或者程序不符")

    def give_opinion(self, opinion: Opinion, text: str, legal_basis: str, *, on: date) -> None:
        """The written opinion of handling (Art. 29, 32) or of a review (Art. 35, 36)."""
        held = self._held()
        held.opinion, held.answer_text, held.legal_basis = opinion, text, legal_basis
        held.answered_on = on
        if not held.is_review:
            self.answered_on = on

    def deliver(self, method: str, *, again: UUID, on: date) -> None:
        """The opinion was delivered, or the petitioner told where to go. A review that orders it
        done again gives the case back, as the hold `again`, to the organ that handled it."""
        held, handler = self._held(), self.handling
        held.delivery_method, held.delivered_on = method, on
        if not held.is_review:
            self.delivered_on = on
        if self.closing_kind is None and handler is not None:
            assigned = handler.kind is ReferralKind.ASSIGNMENT
            self.add(
                ReferralKind.TRANSFER if assigned else handler.kind,
                handler.organ_code, handler.organ_division, referral_id=again,
                from_organ=held.organ_code, on=on, state=ReferralState.ACCEPTED, accepted_on=on,
            )  # fmt: skip

    def judge_report(self, *, accepted: bool, reasons: str) -> None:
        """The assigner's verdict on a closing report. Raises RuleBroken for one returned without
        reasons."""
        if not accepted and not reasons:
            raise RuleBroken("退回办结报告须说明理由")

    def check_review_request(self, requested_on: date, *, on: date) -> None:
        """Raises Invalid for a request before the delivery of the opinion or after today."""
        delivered = self.last.delivered_on if self.last else None
        if delivered is None or not delivered <= requested_on <= on:
            raise Invalid("申请日期须在送达之日以后、今天以前", field="requested_on")

    def ask_review(self, above: Organ, *, referral_id: UUID, on: date) -> None:
        """The organ one level up reviews the opinion; its days run from today (Art. 35, 36)."""
        held = self._held()
        self.closed_on = self.closing_kind = None
        self.add(
            ReferralKind.RE_REVIEW if held.is_review else ReferralKind.REVIEW,
            above.code, above.division_code, referral_id=referral_id, from_organ=held.organ_code,
            on=on, state=ReferralState.ACCEPTED, accepted_on=on,
        )  # fmt: skip

    def refuse_review(self, *, on: date) -> None:
        """The reviewing organ finds that no review is due."""
        self._held().answered_on = on

    def check_reopening(self, *, new_facts: bool) -> None:
        """Raises RuleBroken: after a re-review only new facts take a case up again (Art. 36(3))."""
        if self.closing_kind is ClosingKind.FINAL and not new_facts:
            raise RuleBroken("复核终结后，只有新的事实和理由才能重新办理")

    def reopen(self) -> None:
        """The case needs a destination again (Art. 36(3), 40)."""
        self.closed_on = self.closing_kind = None
        self.back_to_decider(DecisionReason.REOPENED)

    def part(self, ordinal: int) -> Part:
        """One organ's part in a joint matter. Raises Invalid."""
        found = next((part for part in self.parts if part.ordinal == ordinal), None)
        if found is None:
            raise Invalid("没有这项分工", field="part")
        return found

    def _held(self) -> Referral:
        """The hold the act is about: the last, whatever the act has made of it."""
        if self.last is None:
            raise Invalid("没有承办单位")
        return self.last

    def _next_decider(self, reference: Reference, on: date) -> None:
        """Who decides after an objection was upheld: the office that decided; after too many the
        nearest common superior of those who would not have it, always above that office; where
        there is none inside the deployment, the joint conference is asked first (Art. 24)."""
        self.back_to_decider(DecisionReason.OBJECTION_UPHELD)
        if self.objections_upheld % reference.casework.upheld_before_superior:
            return
        unwilling = [each.organ_code for each in self.referrals if each.verdict == "upheld"]
        above = reference.organs.common_superior(
            [self.decider, *unwilling], root=reference.root_division
        )
        if above is None:
            self.back_to_decider(DecisionReason.NO_COMMON_SUPERIOR)
            return
        self.decider = decider_of(reference, self, above.code, on=on)
        self.back_to_decider(DecisionReason.BOUNCED)
