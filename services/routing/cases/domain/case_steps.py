"""Words of casework: states, acts, opinions, how a case ends; errors of its steps.

Which act is possible when is the table of `procedure.py`.
"""

from __future__ import annotations

from typing import ClassVar

from shared.kernel.errors import Conflict, Invalid
from shared.vocabulary.cases import (
    CaseState,
    Opinion,
    ReferralKind,
)

ENDED = frozenset((CaseState.CLOSED, CaseState.ARCHIVED))
"""Nobody must act next."""


REVIEWS = frozenset((ReferralKind.REVIEW, ReferralKind.RE_REVIEW))


SUGGESTION_OPINIONS = frozenset((Opinion.ADOPTED, Opinion.PARTLY_ADOPTED, Opinion.NOT_ADOPTED))
REVIEW_OPINIONS = frozenset((Opinion.UPHELD, Opinion.REVOKED, Opinion.CHANGED, Opinion.REDO))
CLAIM_OPINIONS = frozenset(Opinion) - SUGGESTION_OPINIONS - REVIEW_OPINIONS
TO_CARRY_OUT = frozenset(
    (Opinion.SUPPORTED, Opinion.PARTLY_SUPPORTED, Opinion.ADOPTED, Opinion.PARTLY_ADOPTED)
)
"""The organ must see that these are carried out (Art. 32)."""


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
