"""Refusals anybody can cause without a login: visible to who watches, bounded in what they leave.

The first of an hour about a subject is an audit line at once; the others are counted in the memory
of this process and told by one more line when the hour is over. So an attack shows in figures and
audit, and a million tries leave two rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.db.unit_of_work import Cause, UnitOfWorkFactory
from shared.web.metrics import Gauge

TOLD_AFTER: Final = timedelta(hours=1)
NOBODY: Final = "anonymous"
WRONG_CODE: Final = "code.refused"
"""A code that does not open what it was shown for, or something nobody has."""

Key = tuple[str, str]
"""Action and subject of the audit lines."""


class Refusals:
    """See the module; one per process of a service."""

    def __init__(self) -> None:
        self._total: Counter[str] = Counter()
        self._first: dict[Key, datetime] = {}
        self._further: Counter[Key] = Counter()

    async def note(
        self, units: UnitOfWorkFactory, action: str, subject: str, *, cause: Cause
    ) -> None:
        """Count one, in a transaction of its own where it is the first: the answer is a refusal.

        `subject` names something that exists, never what somebody typed: there are few of them."""
        self._total[action] += 1
        if (action, subject) in self._first:
            self._further[action, subject] += 1
            return
        self._first[action, subject] = units.clock.now()
        async with units.begin(cause) as uow:
            uow.audit(action, subject, actor=NOBODY)

    async def tell(self, units: UnitOfWorkFactory) -> int:
        """Write how many further ones there were where the hour is over; returns 0: there is never
        more to do."""
        ended = units.clock.now() - TOLD_AFTER
        over = [key for key, first in self._first.items() if first <= ended]
        further = {key: self._further[key] for key in over if self._further[key]}
        if further:
            async with units.begin() as uow:
                for (action, subject), count in further.items():
                    uow.audit(action, subject, actor=NOBODY, further=count)
        for key in over:
            del self._first[key]
        self._further -= Counter(further)
        return 0

    def gauges(self, *actions: str) -> Sequence[Gauge]:
        """How many of each action since the start of this process."""
        said = "Refusals to callers without a login since the start of this process"
        return [
            Gauge("xinfang_public_refused", said, self._total[action], {"code": action})
            for action in actions
        ]
