"""States, acts and the one transition table of a case; errors of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from shared.kernel.errors import Conflict, Invalid


class CaseState(StrEnum):
    """State of a case as a whole."""

    NEEDS_PERSON = "needs_person"
    REFERRED = "referred"
    OBJECTED = "objected"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    CLOSED = "closed"


STATE_WORDS: Mapping[CaseState, str] = {
    CaseState.NEEDS_PERSON: "待人工核定",
    CaseState.REFERRED: "待受理",
    CaseState.OBJECTED: "异议待核实",
    CaseState.ACCEPTED: "办理中",
    CaseState.ANSWERED: "待送达",
    CaseState.CLOSED: "已办结",
}


class ReferralState(StrEnum):
    """State of one organ's hold of a case."""

    PENDING = "pending"
    OBJECTED = "objected"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    GUIDED = "guided"


class ReferralKind(StrEnum):
    """转送 / 交办 / 本机关办理 / 引导."""

    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OWN = "own"
    GUIDE = "guide"


class Act(StrEnum):
    """A step somebody may take with a case."""

    DECIDE = "decide"
    ACCEPT = "accept"
    OBJECT = "object"
    UPHOLD = "uphold"
    REFUSE = "refuse"
    ANSWER = "answer"
    DELIVER = "deliver"
    TELL = "tell"


class Opinion(StrEnum):
    """Result of handling (Art. 29, 31, 32; 部分支持 from local law).

    支持, 部分支持, 解释说明, 不支持; 采纳, 部分采纳, 不采纳 for suggestions; 已告知 途径.
    """

    SUPPORTED = "supported"
    PARTLY_SUPPORTED = "partly_supported"
    EXPLAINED = "explained"
    NOT_SUPPORTED = "not_supported"
    ADOPTED = "adopted"
    PARTLY_ADOPTED = "partly_adopted"
    NOT_ADOPTED = "not_adopted"


SUGGESTION_OPINIONS = frozenset((Opinion.ADOPTED, Opinion.PARTLY_ADOPTED, Opinion.NOT_ADOPTED))

TRANSITIONS: Mapping[tuple[CaseState, Act], CaseState] = {
    (CaseState.NEEDS_PERSON, Act.DECIDE): CaseState.REFERRED,
    (CaseState.REFERRED, Act.ACCEPT): CaseState.ACCEPTED,
    (CaseState.REFERRED, Act.OBJECT): CaseState.OBJECTED,
    (CaseState.REFERRED, Act.TELL): CaseState.CLOSED,
    (CaseState.OBJECTED, Act.UPHOLD): CaseState.NEEDS_PERSON,
    (CaseState.OBJECTED, Act.REFUSE): CaseState.REFERRED,
    (CaseState.ACCEPTED, Act.ANSWER): CaseState.ANSWERED,
    (CaseState.ANSWERED, Act.DELIVER): CaseState.CLOSED,
}
"""The one table of steps. Referrals narrow it: see `Case.allowed`."""

REFERRAL_STATES: Mapping[Act, ReferralState] = {
    Act.ACCEPT: ReferralState.ACCEPTED,
    Act.OBJECT: ReferralState.OBJECTED,
    Act.UPHOLD: ReferralState.RETURNED,
    Act.REFUSE: ReferralState.PENDING,
    Act.ANSWER: ReferralState.ANSWERED,
    Act.DELIVER: ReferralState.DELIVERED,
    Act.TELL: ReferralState.DELIVERED,
}
BY_KIND: Mapping[ReferralKind, frozenset[Act]] = {
    ReferralKind.TRANSFER: frozenset(Act) - {Act.TELL},
    ReferralKind.ASSIGNMENT: frozenset(Act) - {Act.TELL},
    ReferralKind.OWN: frozenset((Act.ACCEPT, Act.ANSWER, Act.DELIVER)),
    ReferralKind.GUIDE: frozenset((Act.TELL,)),
}
"""What a referral of a kind can undergo: nobody objects to what is its own."""


class IllegalStep(Conflict):
    """The step is not allowed now. `extra` has `current` and `allowed`."""

    code: ClassVar[str] = "illegal_step"

    def __init__(self, current: CaseState, allowed: tuple[Act, ...]) -> None:
        self.current = current
        self.allowed = allowed
        detail = f"当前状态为{STATE_WORDS[current]}"
        super().__init__(detail, current=str(current), allowed=[str(act) for act in allowed])


class ReasonsMissing(Invalid):
    """An objection or a verdict without its detailed reasons (Art. 23(3))."""

    code: ClassVar[str] = "reasons_missing"


class ObjectionTooLate(Conflict):
    """The objection window of five working days is over (Art. 23(3)); the organ must accept."""

    code: ClassVar[str] = "objection_too_late"


class WrongOpinion(Invalid):
    """The kind of opinion does not fit the purpose (Art. 29, 32)."""

    code: ClassVar[str] = "wrong_opinion"
