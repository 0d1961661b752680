"""Codes of relief in a case (救助) and of the ledger of its funds."""

from __future__ import annotations

from shared.vocabulary.term import Term


class ReliefKind(Term):
    """救助金, 实物或服务."""

    MONEY = "money", "救助金"
    IN_KIND = "in_kind", "实物或者服务"


class ReliefState(Term):
    """State of one application."""

    APPLIED = "applied", "待审批"
    APPROVED = "approved", "待发放"
    REFUSED = "refused", "不予批准"
    GIVEN = "given", "已发放"
    CANCELLED = "cancelled", "已撤销"


class ReliefAct(Term):
    """A step with an application."""

    APPLY = "apply", "申请"
    APPROVE = "approve", "批准"
    REFUSE = "refuse", "不予批准"
    PAY = "pay", "发放"
    CANCEL = "cancel", "撤销"


class ReliefBy(Term):
    """Whose step it is: an organ involved in the case, which asks; the one that keeps the fund;
    either of them."""

    APPLICANT = "applicant", "与办件有关的机关"
    KEEPER = "keeper", "管理资金的机关"
    EITHER = "either", "申请机关或者管理资金的机关"


class EntryKind(Term):
    """注入, 划出 (back to who gave it, or a correction), 预留, 退回, 发放."""

    DEPOSIT = "deposit", "注入"
    WITHDRAWAL = "withdrawal", "划出"
    RESERVE = "reserve", "预留"
    RELEASE = "release", "退回"
    PAY = "pay", "发放"
