"""Suspension 中止, only where the limit in force has it: the Regulation does not know it.

Its last day is said at once, so a limit never stands still without an end."""

from __future__ import annotations

from services.routing.cases.domain.case_steps import Act, RuleBroken
from services.routing.cases.domain.procedure import Row
from services.routing.cases.use_cases.rules import suspending
from services.routing.casework.acts.frame import Step, act
from services.routing.common.use_cases.bodies import ReasonsIn
from shared.kernel.errors import Invalid
from shared.web.bodies import Day


class SuspensionIn(ReasonsIn):
    """中止办理: the last day of it, and the circumstance of the region's rule."""

    until: Day


@act("suspension", "中止办理（仅限时限规则有规定的地方）", SuspensionIn, Act.SUSPEND)
async def suspend(step: Step, body: SuspensionIn) -> Row:
    """Days from today to `until` do not count towards the handling limit.

    Approved by the organ's head, told to the petitioner; the article stays with the act."""
    rule = suspending(step.uow.reference, step.case)
    if rule is None:
        raise RuleBroken("现行时限规则没有中止的规定，办理期限继续计算")
    if body.until < step.on:
        raise Invalid("中止的最后一日不得早于今天", field="until")
    return step.take(Act.SUSPEND, until=str(body.until), reasons=body.reasons, article=rule.article)


@act("resumption", "恢复办理", ReasonsIn, Act.RESUME)
async def resume(step: Step, body: ReasonsIn) -> Row:
    """The circumstance is gone: from tomorrow days count again."""
    return step.take(Act.RESUME, reasons=body.reasons)
