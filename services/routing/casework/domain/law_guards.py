"""Conditions of the procedure table that need the rules in force and the day."""

from __future__ import annotations

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.case_steps import ObjectionTooLate, TooLate
from services.routing.cases.domain.due import handling_due, objection_window, remedy_until
from services.routing.cases.domain.guards import GUARDS
from services.routing.cases.domain.rules import suspending
from shared.vocabulary.acts import Act
from shared.workflow.guards import Law
from shared.workflow.table import RuleBroken


@GUARDS.rules("window_open", "收到后五个工作日内", ObjectionTooLate)
def window_open(case: Case, law: Law) -> bool:
    """Where the limit table has no window there is no such right. Raises ObjectionTooLate."""
    held, rules = case.current, law.reference
    window = held and objection_window(case, held, limits=rules.limits, calendar=rules.calendar)
    if not window:
        return False
    if law.on > window.on:
        last = window.on.isoformat()
        raise ObjectionTooLate(f"异议期已于{last}届满", last_day=last)
    return True


@GUARDS.rules("withdrawal_final", "收回撤回的期限已过", RuleBroken)
def withdrawal_final(case: Case, law: Law) -> bool:
    """Nobody can take the withdrawal back any more. Raises RuleBroken."""
    found = case.withdrawn
    if found is not None and law.on <= found.revocable_until:
        last = found.revocable_until.isoformat()
        raise RuleBroken(f"信访人在{last}以前可以收回撤回，应当继续办理")
    return True


@GUARDS.rules(
    "rule_suspends", "现行时限规则有中止的规定（国家规定没有，地方规定有的从其规定）", RuleBroken
)
def rule_suspends(case: Case, law: Law) -> bool:
    """The limit in force knows suspension; the national ones do not. Raises RuleBroken."""
    if suspending(law.reference, case) is None:
        raise RuleBroken("现行时限规则没有中止的规定，办理期限继续计算")
    return True


@GUARDS.rules("before_end", "办理期限届满前", RuleBroken, TooLate)
def before_end(case: Case, law: Law) -> bool:
    """The handling limit runs; the period an assigner set beside it is not the law's to extend.
    Raises RuleBroken without a limit, TooLate."""
    due = handling_due(case, limits=law.reference.limits, calendar=law.reference.calendar)
    if due is None:
        raise RuleBroken("没有适用的办理期限")
    if law.on > due.on:
        raise TooLate(f"办理期限已于{due.on.isoformat()}届满", last_day=str(due.on))
    return True


@GUARDS.rules("organ_above", "本平台内有上一级机关", RuleBroken)
def organ_above(case: Case, law: Law) -> bool:
    """Somebody in the deployment can review the opinion. Raises RuleBroken."""
    held, rules = case.last, law.reference
    if held is None or rules.organs.superior(held.organ_code, root=rules.root_division) is None:
        raise RuleBroken("本平台内没有上一级机关，请告知信访人向上一级机关提出")
    return True


@GUARDS.rules("remedy_over", "申请复查、复核的期限已过", RuleBroken)
def remedy_over(case: Case, law: Law) -> bool:
    """No review can be asked for any more. Raises RuleBroken."""
    held, rules = case.last, law.reference
    if held is None or Act.REQUEST_REVIEW not in case.allowed:
        return True
    last_day = remedy_until(case, held, limits=rules.limits, calendar=rules.calendar)
    if last_day is not None and law.on <= last_day.on:
        last = last_day.on.isoformat()
        raise RuleBroken(f"信访人申请复查、复核的期限至{last}，此前不得归档")
    return True
