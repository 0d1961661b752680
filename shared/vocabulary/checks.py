"""Codes of what checks of an installation find."""

from __future__ import annotations

from shared.vocabulary.term import Term


class AuditFlaw(Term):
    """What can be wrong with an audit log, each a way to alter it."""

    GAP = "gap", "封存链缺一环"  # a link is missing
    ROW_MISSING = "row_missing", "已封存的记录不见了"
    CHANGED = "changed", "记录或封存链被改动"
    UNSEALED = "unsealed", "已封存的记录之间有未封存的记录"
    ANCHOR_DIFFERS = "anchor_differs", "封存链与外部锚点不符（被整体重做或恢复成旧数据）"
    CUT = "cut", "封存链止于外部锚点之前（末尾被删或恢复成旧数据）"
    NO_ANCHOR = "no_anchor", "没有外部锚点"


class NotReady(Term):
    """Why a service is not ready; a service's own checks add theirs."""

    DATABASE = "database", "数据库没有应答"
    STORE_DAMAGED = "store_damaged", "数据存储受损"
    BUS = "bus", "消息总线没有连接"
    RELAY_LAG = "relay_lag", "事件积压未发出"
    AUDIT_UNSEALED = "audit_unsealed", "审计记录尚未封存"
    AUDIT_BROKEN = "audit_broken", "审计封存链已断"
    WORKER = "worker", "后台任务停止"  # with the loop's name behind it
