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

    APPROVE = "approve", "批准"
    REFUSE = "refuse", "不予批准"
    PAY = "pay", "发放"
    CANCEL = "cancel", "撤销"


class EntryKind(Term):
    """注入, 划出 (back to who gave it, or a correction), 预留, 退回, 发放."""

    DEPOSIT = "deposit", "注入"
    WITHDRAWAL = "withdrawal", "划出"
    RESERVE = "reserve", "预留"
    RELEASE = "release", "退回"
    PAY = "pay", "发放"
