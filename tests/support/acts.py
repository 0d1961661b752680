"""An honest body for every act of casework, by its path."""

from __future__ import annotations

from typing import Any

ACT_BODIES: dict[str, dict[str, Any]] = {
    "decision": {"kind": "own", "note": "本局直接答复"},
    "putting-up": {"proposal": "建议由县政府牵头"},
    "instruction": {"instruction": "同意，由县住建局牵头"},
    "refusal": {"same_as": "x", "reasons": "同一事项正在办理"},
    "no-further-acceptance": {"same_as": "x", "reasons": "同一事实和理由"},
    "passing-on": {"note": "转有权处理的单位"},
    "reopening": {"ground": "new_facts", "reasons": "又漏水"},
    "signature": {},
    "objection": {"reasons": "不属于本机关职责"},
    "verdict": {"upheld": True},
    "acceptance": {},
    "handover": {},
    "ordinary-procedure": {"reasons": "情况复杂"},
    "supplement-request": {"wanted": "购房合同"},
    "supplement": {"received": "购房合同复印件"},
    "parts": {"parts": [{
        "organ_code": "430104000000-JUSTICE", "role": "legal_aid", "task": "提供法律援助",
        "due_on": "2026-03-20",
    }]},
    "part-answer": {"part": 1, "opinion": "已指派律师，建议协商。"},
    "part-verdict": {"part": 1, "accepted": True},
    "part-excuse": {"part": 1, "reasons": "信访人不需要法律援助"},
    "recusal": {"person": "clerk", "replaced_by": "other clerk", "reasons": "系亲属"},
    "extension": {"days": 30, "reasons": "须鉴定"},
    "hearing": {"subject": "质量是否合格", "participants": ["住建局", "建设单位"]},
    "hearing-record": {"record": "双方陈述如下"},
    "mediation": {"mediator": "街道调解委员会", "parties": ["信访人", "开发商"]},
    "mediation-failure": {"reasons": "未达成一致"},
    "agreement": {"kind": "settlement", "terms": "维修并补偿", "fulfil_by": "2026-06-30"},
    "undertaking-fulfilment": {"undertaking": 1, "outcome": "已付清"},
    "fulfilment": {"outcome": "已维修"},
    "breach": {"reasons": "逾期未维修"},
    "answer": {
        "opinion": "supported", "text": "已责令整改。", "legal_basis": "《建设工程质量管理条例》",
    },
    "delivery": {"method": "post"},
    "report": {"report": "已办结"},
    "report-verdict": {"accepted": True},
    "carrying-out": {"outcome": "已整改到位"},
    "review-request": {"requested_on": "2026-03-02"},
    "review-refusal": {"reasons": "申请复查的事项未经答复"},
    "review": {"opinion": "upheld", "text": "事实清楚，维持。"},
    "solution": {"how": "漏水已修好", "consented": True},
    "settlement": {"reasons": "已修好，无新诉求"},
    "archiving": {},
}  # fmt: skip
