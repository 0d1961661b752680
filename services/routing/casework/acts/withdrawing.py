"""Ending a case whose petitioners withdrew (撤回): their own act, told by intake, never an organ's.

The Regulation does not know withdrawal. Until the petitioners can no longer take it back nothing
follows from it; then the organ may end the case, unless it is an accusation, which is looked into
whatever its author says.
"""

from __future__ import annotations

from services.routing.cases.domain.case_steps import Act, RuleBroken
from services.routing.cases.domain.procedure import Row
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import ActIn


@act("withdrawal", "信访人撤回，终止办理", ActIn, Act.END_WITHDRAWN)
async def end_withdrawn(step: Step, body: ActIn) -> Row:  # noqa: ARG001  the act says all
    """End the case, once all its petitioners withdrew and none can take it back any more."""
    found = step.case.withdrawn
    if found is None:
        raise RuleBroken("信访人没有撤回，或者仍有信访人没有撤回")
    if step.on <= found.revocable_until:
        last = found.revocable_until.isoformat()
        raise RuleBroken(f"信访人在{last}以前可以收回撤回，应当继续办理")
    row = step.take(Act.END_WITHDRAWN, withdrawn_on=found.withdrawn_on.isoformat())
    step.case.decided_on = step.case.decided_on or step.on  # the office has done what it owed
    return row
