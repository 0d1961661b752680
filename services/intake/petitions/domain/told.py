"""Which steps of a case its petitioner is told of, and in which words.

The events of a case, and acts of routing's procedure table; what is not here is the offices' own
business (an approval asked for, a recusal, a report to the assigner).
"""

from __future__ import annotations

from typing import Final

TOLD: Final = {
    "opened": "信访部门收到，研究办理去向",
    "referred": "转送、交办有权处理的机关、单位",
    "accepted": "办理单位受理",
    "objected": "办理单位提出异议",
    "objection_decided": "对异议作出裁定",
    "answered": "作出处理意见",
    "delivered": "送达处理意见书",
    "imported": "历史件转入",
    "sign": "办理单位签收",
    "share": "明确牵头和会办单位",
    "put_up": "报请党委、政府决定",
    "refuse_acceptance": "不予受理",
    "no_further_acceptance": "不再受理",
    "end_withdrawn": "信访人撤回，终止办理",
    "hand_over": "移交有权机关处理",
    "to_ordinary": "转为普通程序办理",
    "request_supplement": "请补充材料",
    "take_supplement": "收到补充材料",
    "extend": "延长办理期限",
    "open_hearing": "举行听证",
    "close_hearing": "听证结束",
    "open_mediation": "组织调解",
    "fail_mediation": "调解不成，继续办理",
    "agree": "达成协议",
    "keep_undertaking": "协议的一项义务已履行",
    "fulfil": "协议已履行",
    "breach": "协议未履行，恢复办理",
    "carry_out": "处理意见已落实",
    "request_review": "收到复查、复核申请",
    "refuse_review": "不予受理复查、复核申请",
    "review": "作出复查、复核意见",
    "reopen": "重新办理",
}
