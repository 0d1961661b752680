"""Chinese words of what intake shows to people."""

from __future__ import annotations

from typing import Final

CASE_STATES: Final = {
    None: "已登记",
    "needs_person": "信访部门研究办理去向",
    "referred": "待受理",
    "objected": "办理单位提出异议，待裁定",
    "accepted": "办理中",
    "answered": "已答复，待送达",
    "closed": "已办结",
}
STEPS: Final = {
    "opened": "信访部门收到，研究办理去向",
    "referred": "转送、交办有权处理的机关、单位",
    "accepted": "办理单位受理",
    "objected": "办理单位提出异议",
    "objection_decided": "对异议作出裁定",
    "answered": "作出处理意见",
    "delivered": "送达处理意见书",
    "imported": "历史件转入",
}
OPENED_FOR: Final = {
    "identity": "核实身份",
    "contact": "联系信访人",
    "deliver": "送达文书",
    "same_matter": "核对是否同一信访事项",
    # Whoever has got hold of somebody's query code must not learn that an item was sealed.
    "open_sealed": "阅看来件",
    "unseal": "阅看来件",
}
ROLES: Final = {"officer": "承办人", "head": "单位负责人", "supervisor": "督查"}
PROBLEMS: Final = {
    "grant_refused": (403, "授权凭据无效"),
    "insufficient_user_authentication": (401, "请以双因素方式再次登录"),
    "filing_invalid": (422, "登记内容不符合要求"),
    "received_date_refused": (422, "收到日期不符合要求"),
    "number_unreadable": (422, "信访件编号不正确"),
    "idempotency_mismatch": (422, "幂等键已用于另一份请求"),
    "already_filed": (409, "来源编号已经登记"),
    "webhook_refused": (401, "推送未通过验证"),
    "row_refused": (422, "导入行不符合要求"),
    "vault_sealed": (500, "服务内部错误"),
}
