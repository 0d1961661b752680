"""Conditions of the procedure table that the case itself can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from services.routing.cases.domain.case_steps import TO_CARRY_OUT
from services.routing.cases.domain.referral import Referral
from shared.vocabulary.acts import Act
from shared.vocabulary.cases import ClosingKind, DecisionReason, Opinion, PartState, ReferralKind
from shared.workflow.guards import Guards
from shared.workflow.table import RuleBroken

if TYPE_CHECKING:
    from services.routing.cases.domain.case import Case

HANDLING = frozenset((ReferralKind.TRANSFER, ReferralKind.ASSIGNMENT, ReferralKind.OWN))
GUARDS: Guards[Case] = Guards()
"""Those of the rules are in `law_guards.py`; those of a body or the store beside the acts."""


def held(case: Case) -> Referral | None:
    """The hold a condition is about; in a case given back, the one that was."""
    return case.hold or case.last


def _ordinal(case: Case) -> int:
    found = held(case)
    return found.ordinal if found else 0


def _lasts(begin: Act, *ends: Act) -> Callable[[Case], bool]:
    """Whether something was begun in this hold and not ended."""
    return lambda case: case.journal.lasts(begin, *ends, referral=_ordinal(case))


def _not(condition: Callable[[Case], bool]) -> Callable[[Case], bool]:
    return lambda case: not condition(case)


_supplement = _lasts(Act.REQUEST_SUPPLEMENT, Act.TAKE_SUPPLEMENT)
_suspended = _lasts(Act.SUSPEND, Act.RESUME)
_hearing = _lasts(Act.OPEN_HEARING, Act.CLOSE_HEARING)
_mediation = _lasts(Act.OPEN_MEDIATION, Act.FAIL_MEDIATION, Act.AGREE)
for _name, _words, _check in (
    ("withdrawn", "全部信访人已撤回", lambda case: case.withdrawn is not None),
    ("not_suspended", "没有中止办理", _not(_suspended)),
    ("suspended", "已中止办理", _suspended),
    ("no_supplement_open", "没有等待中的补充材料", _not(_supplement)),
    ("supplement_open", "正在等待补充材料", _supplement),
    ("no_hearing_open", "没有进行中的听证", _not(_hearing)),
    ("hearing_open", "听证进行中", _hearing),
    ("no_mediation_open", "没有进行中的调解", _not(_mediation)),
    ("mediation_open", "调解进行中", _mediation),
    ("not_solved", "尚未登记化解", lambda case: case.journal.last(Act.SOLVE) is None),
    ("solved", "已登记化解", lambda case: case.journal.last(Act.SOLVE) is not None),
    ("not_settled", "尚未登记案结事了", lambda case: case.journal.last(Act.SETTLE) is None),
):
    GUARDS.entity(_name, _words)(_check)


@GUARDS.entity("conference_first", "没有共同的上一级的，已登记联席会议的决定", RuleBroken)
def conference_first(case: Case) -> bool:
    """Raises RuleBroken while nobody in the deployment is above all who would not have it."""
    if case.needs_person_reason is DecisionReason.NO_COMMON_SUPERIOR:
        raise RuleBroken("没有共同的上一级，须先报联席会议协调，登记其决定后再确定去向")
    return True


@GUARDS.entity("not_signed", "尚未签收")
def not_signed(case: Case) -> bool:
    """The organ has not signed for the case."""
    return case.journal.signed_on(_ordinal(case)) is None


@GUARDS.entity("not_judged", "此前没有对异议作出过核实结论")
def not_judged(case: Case) -> bool:
    """No objection of this hold was judged."""
    found = held(case)
    return found is None or found.verdict is None


@GUARDS.entity("is_simple", "适用简易程序")
def is_simple(case: Case) -> bool:
    """The simple procedure is used."""
    return case.journal.is_simple(_ordinal(case))


@GUARDS.entity("is_ordinary", "适用普通程序")
def is_ordinary(case: Case) -> bool:
    """The ordinary procedure is used."""
    return not is_simple(case)


@GUARDS.entity("not_extended", "没有延长过")
def not_extended(case: Case) -> bool:
    """The limit of this hold was not extended."""
    return case.journal.extension(_ordinal(case)) is None


@GUARDS.entity("report_pending", "有待认可的办结报告")
def report_pending(case: Case) -> bool:
    """A closing report waits for its verdict."""
    return case.journal.report_pending(_ordinal(case))


@GUARDS.entity("no_report_pending", "没有待认可的办结报告")
def no_report_pending(case: Case) -> bool:
    """No report waits, and none was accepted."""
    return not report_pending(case) and not case.journal.report_taken(_ordinal(case))


@GUARDS.entity("parts_done", "各会办单位均已提出意见或者免除")
def parts_done(case: Case) -> bool:
    """No assisting organ owes an opinion."""
    return not part_open(case)


@GUARDS.entity("part_open", "有尚未提出意见的会办分工")
def part_open(case: Case) -> bool:
    """An assisting organ owes an opinion."""
    return any(part.is_open for part in case.parts)


@GUARDS.entity("part_answered", "有待审核的会办意见")
def part_answered(case: Case) -> bool:
    """An opinion of an assisting organ waits for the lead's verdict."""
    return any(part.state is PartState.ANSWERED for part in case.parts)


@GUARDS.entity("lead_stays", "没有会办分工，牵头单位不得把牵头责任推给下级")
def lead_stays(case: Case) -> bool:
    """Nothing was shared out in this hold."""
    return not any(part.is_there and part.referral == _ordinal(case) for part in case.parts)


@GUARDS.entity("undertaking_open", "有尚未履行的协议义务")
def undertaking_open(case: Case) -> bool:
    """A promise of the agreement is still to be kept."""
    return any(each.is_open for each in case.undertakings)


@GUARDS.entity("undertakings_kept", "协议各项义务均已登记履行")
def undertakings_kept(case: Case) -> bool:
    """All promises of the agreement were kept."""
    return not undertaking_open(case)


@GUARDS.entity("is_redo", "责令重新办理")
def is_redo(case: Case) -> bool:
    """The review orders the matter to be handled again."""
    found = held(case)
    return found is not None and found.opinion is Opinion.REDO


@GUARDS.entity("not_redo", "不是责令重新办理")
def not_redo(case: Case) -> bool:
    """The review does not order that."""
    return not is_redo(case)


@GUARDS.entity("supports", "意见为支持或者采纳，尚未登记落实")
def supports(case: Case) -> bool:
    """The opinion is to be carried out and was not yet."""
    found = held(case)
    opinion = found.opinion if found else None
    return opinion in TO_CARRY_OUT and case.journal.carried_out_on(_ordinal(case)) is None


@GUARDS.entity("carried_out", "应当落实的处理意见已登记落实", RuleBroken)
def carried_out(case: Case) -> bool:
    """Raises RuleBroken while an opinion is still to be carried out by who has the case."""
    found = case.hold
    if found is not None and found.kind in HANDLING and supports(case):
        raise RuleBroken("处理意见尚未落实")
    return True


@GUARDS.entity("reviewable", "可以申请复查、复核")
def reviewable(case: Case) -> bool:
    """The case ended with an opinion that can be reviewed."""
    ends = (ClosingKind.ANSWERED, ClosingKind.REVIEWED)
    return case.history is None and case.closing_kind in ends
