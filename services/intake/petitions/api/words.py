"""Chinese words of what intake shows to people."""

from __future__ import annotations

from typing import Final

from shared.vocabulary.cases import CaseState
from shared.vocabulary.term import known

REGISTERED: Final = "已登记"
UNNAMED_PAPER: Final = "文书"
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
    "petitioner_incomplete": (409, "信访人姓名、地址不全"),
    "not_withdrawable": (409, "不能撤回，或者不能收回撤回"),
    "paper_not_made": (409, "文书尚未制作"),
    "not_printable": (409, "没有可用的文书模板"),
    "paper_invalid": (422, "文书内容不完整"),
    "paper_template_invalid": (500, "文书模板有误"),
    "paper_font_missing": (503, "没有可用的中文字体"),
    "vault_sealed": (500, "服务内部错误"),
}


def case_state(code: str | None) -> str:
    """What a petitioner reads of the state of the case; none before there is one."""
    found = known(CaseState, code)
    return found.public if found else REGISTERED
