"""Codes of posts, and of what a case grant opens."""

from __future__ import annotations

from shared.vocabulary.term import Term


class Role(Term):
    """Role codes of posts."""

    CITIZEN = "citizen", "信访人"
    REGISTRAR = "registrar", "登记员"
    OFFICER = "officer", "承办人"
    HEAD = "head", "单位负责人"
    SUPERVISOR = "supervisor", "督查"
    LEADER = "leader", "包案、接访领导"
    REVIEWER = "reviewer", "复查复核"
    DISCIPLINE = "discipline", "纪检监察"
    ANALYST = "analyst", "统计分析"
    PARTNER = "partner", "接入系统"
    OPERATOR = "operator", "运维"
    AUDITOR = "auditor", "审计"
    SERVICE = "service", "平台服务"


class PostStanding(Term):
    """How a post came about."""

    ORDINARY = "ordinary", "已授予"  # its role needs nobody else
    PROPOSED = "proposed", "待第二人确认"  # waits for a second person, opens nothing
    ALONE = "alone", "一人授予，待补确认"  # the deployment's own operator gave it alone
    CONFIRMED = "confirmed", "已由第二人确认"
    WITHDRAWN = "withdrawn", "已撤回"  # was proposed and never in force


class GrantPurpose(Term):
    """What a case grant (授权凭据) opens the vault for; see intake for what each shows."""

    IDENTITY = "identity", "核实身份"
    CONTACT = "contact", "联系信访人"
    DELIVER = "deliver", "送达文书"
    SAME_MATTER = "same_matter", "核对是否同一信访事项"
    # Whoever has got hold of somebody's query code must not learn that an item was sealed.
    OPEN_SEALED = "open_sealed", "阅看密封件", "阅看来件"
    UNSEAL = "unseal", "解除密封", "阅看来件"
