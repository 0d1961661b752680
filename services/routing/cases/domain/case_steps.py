"""Words of casework: states, acts, opinions, how a case ends; errors of its steps.

Which act is possible when is the table of `procedure.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from shared.kernel.errors import Conflict, Invalid


class CaseState(StrEnum):
    """State of a case as a whole."""

    NEEDS_PERSON = "needs_person"
    PUT_UP = "put_up"
    REFERRED = "referred"
    OBJECTED = "objected"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    ANSWERED = "answered"
    CLOSED = "closed"
    ARCHIVED = "archived"


STATE_WORDS: Mapping[CaseState, str] = {
    CaseState.NEEDS_PERSON: "待人工核定",
    CaseState.PUT_UP: "报请决定中",
    CaseState.REFERRED: "待受理",
    CaseState.OBJECTED: "异议待核实",
    CaseState.ACCEPTED: "办理中",
    CaseState.AGREED: "协议待履行",
    CaseState.ANSWERED: "待送达",
    CaseState.CLOSED: "已办结",
    CaseState.ARCHIVED: "已归档",
}
ENDED = frozenset((CaseState.CLOSED, CaseState.ARCHIVED))
"""Nobody must act next."""


class ReferralState(StrEnum):
    """State of one organ's hold of a case."""

    PENDING = "pending"
    OBJECTED = "objected"
    RETURNED = "returned"
    PASSED = "passed"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    GUIDED = "guided"


class ReferralKind(StrEnum):
    """转送 / 交办 / 本机关办理 / 引导 / 复查 / 复核."""

    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OWN = "own"
    GUIDE = "guide"
    REVIEW = "review"
    RE_REVIEW = "re_review"


REVIEWS = frozenset((ReferralKind.REVIEW, ReferralKind.RE_REVIEW))


class Act(StrEnum):
    """A step somebody may take with a case; see the table."""

    DECIDE = "decide"
    PUT_UP = "put_up"
    INSTRUCT = "instruct"
    REFUSE_ACCEPTANCE = "refuse_acceptance"
    NO_FURTHER_ACCEPTANCE = "no_further_acceptance"
    SIGN = "sign"
    PASS_ON = "pass_on"  # noqa: S105  no password
    OBJECT = "object"
    UPHOLD = "uphold"
    REFUSE = "refuse"
    ACCEPT = "accept"
    HAND_OVER = "hand_over"
    END_WITHDRAWN = "end_withdrawn"
    TO_ORDINARY = "to_ordinary"
    REQUEST_SUPPLEMENT = "request_supplement"
    TAKE_SUPPLEMENT = "take_supplement"
    SHARE = "share"
    ANSWER_PART = "answer_part"
    JUDGE_PART = "judge_part"
    EXCUSE_PART = "excuse_part"
    RECUSE = "recuse"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    OPEN_HEARING = "open_hearing"
    CLOSE_HEARING = "close_hearing"
    OPEN_MEDIATION = "open_mediation"
    FAIL_MEDIATION = "fail_mediation"
    AGREE = "agree"
    KEEP_UNDERTAKING = "keep_undertaking"
    FULFIL = "fulfil"
    BREACH = "breach"
    ANSWER = "answer"
    DELIVER = "deliver"
    TELL = "tell"
    REPORT = "report"
    TAKE_REPORT = "take_report"
    RETURN_REPORT = "return_report"
    CARRY_OUT = "carry_out"
    REQUEST_REVIEW = "request_review"
    REFUSE_REVIEW = "refuse_review"
    REVIEW = "review"
    SOLVE = "solve"
    SETTLE = "settle"
    REOPEN = "reopen"
    ARCHIVE = "archive"


class ClosingKind(StrEnum):
    """How a case ended (办结方式)."""

    ANSWERED = "answered"
    SUGGESTION_REPLIED = "suggestion_replied"
    STATUTORY_ROUTE = "statutory_route"
    ACCUSATION_HANDED = "accusation_handed"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    NOT_AGAIN = "not_again"
    REVIEWED = "reviewed"
    REVIEW_REFUSED = "review_refused"
    FINAL = "final"


CLOSING_WORDS: Mapping[ClosingKind, str] = {
    ClosingKind.ANSWERED: "已送达处理意见",
    ClosingKind.WITHDRAWN: "信访人撤回",
    ClosingKind.SUGGESTION_REPLIED: "已答复建议意见",
    ClosingKind.STATUTORY_ROUTE: "已引导至法定途径",
    ClosingKind.ACCUSATION_HANDED: "检举控告已移交有权机关",
    ClosingKind.SETTLED: "协议已达成并履行",
    ClosingKind.REFUSED: "不予受理",
    ClosingKind.NOT_AGAIN: "不再受理",
    ClosingKind.REVIEWED: "已送达复查意见",
    ClosingKind.REVIEW_REFUSED: "不予受理复查、复核申请",
    ClosingKind.FINAL: "复核终结",
}


class Opinion(StrEnum):
    """Result of handling or of a review (Art. 29, 31, 32; 部分支持 and results from local law).

    支持, 部分支持, 解释说明, 不支持; 采纳, 部分采纳, 不采纳 for suggestions; 维持, 撤销, 变更,
    责令重新办理 for reviews.
    """

    SUPPORTED = "supported"
    PARTLY_SUPPORTED = "partly_supported"
    EXPLAINED = "explained"
    NOT_SUPPORTED = "not_supported"
    ADOPTED = "adopted"
    PARTLY_ADOPTED = "partly_adopted"
    NOT_ADOPTED = "not_adopted"
    UPHELD = "upheld"
    REVOKED = "revoked"
    CHANGED = "changed"
    REDO = "redo"


OPINION_WORDS: Mapping[Opinion, str] = {
    Opinion.SUPPORTED: "支持",
    Opinion.PARTLY_SUPPORTED: "部分支持",
    Opinion.EXPLAINED: "解释说明",
    Opinion.NOT_SUPPORTED: "不支持",
    Opinion.ADOPTED: "采纳",
    Opinion.PARTLY_ADOPTED: "部分采纳",
    Opinion.NOT_ADOPTED: "不采纳",
    Opinion.UPHELD: "维持",
    Opinion.REVOKED: "撤销",
    Opinion.CHANGED: "变更",
    Opinion.REDO: "责令重新办理",
}
SUGGESTION_OPINIONS = frozenset((Opinion.ADOPTED, Opinion.PARTLY_ADOPTED, Opinion.NOT_ADOPTED))
REVIEW_OPINIONS = frozenset((Opinion.UPHELD, Opinion.REVOKED, Opinion.CHANGED, Opinion.REDO))
CLAIM_OPINIONS = frozenset(Opinion) - SUGGESTION_OPINIONS - REVIEW_OPINIONS
TO_CARRY_OUT = frozenset(
    (Opinion.SUPPORTED, Opinion.PARTLY_SUPPORTED, Opinion.ADOPTED, Opinion.PARTLY_ADOPTED)
)
"""The organ must see that these are carried out (Art. 32)."""


class Route(StrEnum):
    """法定途径 of Art. 31(1)-(5); only (6) gets an opinion of the petition procedure."""

    LITIGATION = "litigation"
    ARBITRATION = "arbitration"
    PARTY_APPEAL = "party_appeal"
    ADMINISTRATIVE = "administrative"
    STATUTORY_DUTY = "statutory_duty"


ROUTE_WORDS: Mapping[Route, str] = {
    Route.LITIGATION: "诉讼、检察、公安等法定程序（第三十一条第一项）",
    Route.ARBITRATION: "仲裁（第三十一条第二项）",
    Route.PARTY_APPEAL: "党员申诉、申请复审（第三十一条第三项）",
    Route.ADMINISTRATIVE: "行政复议、裁决、确认、许可、处罚等（第三十一条第四项）",
    Route.STATUTORY_DUTY: "申请查处、履行法定职责（第三十一条第五项）",
}


class ReasonsMissing(Invalid):
    """An objection or a verdict without its detailed reasons (Art. 23(3))."""

    code: ClassVar[str] = "reasons_missing"


class WrongOpinion(Invalid):
    """A kind of opinion that does not go with the purpose of the petition or with a review."""

    code: ClassVar[str] = "wrong_opinion"


class TooLate(Conflict):
    """The period in which the act was possible is over. `extra` has `last_day`."""

    code: ClassVar[str] = "too_late"


class ObjectionTooLate(TooLate):
    """The objection window of five working days is over (Art. 23(3)); the organ must accept."""

    code: ClassVar[str] = "objection_too_late"


class OfficeNotDone(Conflict):
    """The petition office has something left to do about the matter; what it is, is not said."""

    code: ClassVar[str] = "not_yet"


class RuleBroken(Conflict):
    """The act would break a rule of procedure; the detail names it."""

    code: ClassVar[str] = "rule_broken"
