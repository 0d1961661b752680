"""Codes of casework's acts: what is done, by whom, who approves it, what a petitioner reads."""

from __future__ import annotations

from shared.vocabulary.term import Term


class Act(Term):
    """A step somebody may take with a case; see the table of procedure."""

    DECIDE = "decide", "确定去向"
    PUT_UP = "put_up", "报请党委、政府或者联席会议决定"
    INSTRUCT = "instruct", "登记党委、政府或者联席会议的决定"
    REFUSE_ACCEPTANCE = "refuse_acceptance", "不予受理"
    NO_FURTHER_ACCEPTANCE = "no_further_acceptance", "不再受理"
    SIGN = "sign", "签收"
    PASS_ON = "pass_on", "转办下级"
    OBJECT = "object", "提出异议"
    UPHOLD = "uphold", "异议成立"
    REFUSE = "refuse", "异议不成立"
    ACCEPT = "accept", "受理"
    HAND_OVER = "hand_over", "检举控告移交办结"
    END_WITHDRAWN = "end_withdrawn", "信访人撤回，终止办理"
    TO_ORDINARY = "to_ordinary", "转为普通程序"
    REQUEST_SUPPLEMENT = "request_supplement", "请补充材料"
    TAKE_SUPPLEMENT = "take_supplement", "收到补充材料"
    SHARE = "share", "会办分工"
    ANSWER_PART = "answer_part", "提出会办意见"
    JUDGE_PART = "judge_part", "审核会办意见"
    EXCUSE_PART = "excuse_part", "免除会办分工"
    RECUSE = "recuse", "回避"
    EXTEND = "extend", "延长办理期限"
    SUSPEND = "suspend", "中止办理"
    RESUME = "resume", "恢复办理"
    OPEN_HEARING = "open_hearing", "听证"
    CLOSE_HEARING = "close_hearing", "听证结束"
    OPEN_MEDIATION = "open_mediation", "调解"
    FAIL_MEDIATION = "fail_mediation", "调解不成"
    AGREE = "agree", "达成调解或者和解协议"
    KEEP_UNDERTAKING = "keep_undertaking", "登记义务已履行"
    FULFIL = "fulfil", "协议已履行"
    BREACH = "breach", "协议未履行，恢复办理"
    ANSWER = "answer", "出具处理意见"
    DELIVER = "deliver", "送达处理意见"
    TELL = "tell", "告知法定途径"
    REPORT = "report", "报送办结报告"
    TAKE_REPORT = "take_report", "认可办结报告"
    RETURN_REPORT = "return_report", "退回办结报告"
    CARRY_OUT = "carry_out", "处理意见已落实"
    REQUEST_REVIEW = "request_review", "申请复查、复核"
    REFUSE_REVIEW = "refuse_review", "不予受理复查、复核申请"
    REVIEW = "review", "作出复查、复核意见"
    SOLVE = "solve", "登记化解"
    SETTLE = "settle", "登记案结事了"
    REOPEN = "reopen", "重新办理"
    ARCHIVE = "archive", "归档"


class By(Term):
    """Whose act it is: the organ that decides where a case goes, that has it, that sent it, either
    of these two, or one that has a part in a joint matter (会办)."""

    DECIDER = "decider", "确定去向的机关"
    HOLDER = "holder", "承办机关"
    SENDER = "sender", "转送、交办机关"
    EITHER = "either", "承办机关或者转送、交办机关"
    ASSISTANT = "assistant", "会办单位"


class Approval(Term):
    """签批: none; by the organ's head, by nobody else in an office without one; always by another
    person than the one who proposes."""

    NO = "no", "—"
    LONE = "lone", "负责人（单人办公一步完成）"
    OTHER = "other", "他人（负责人）"


class PublicStep(Term):
    """The steps of a case that its petitioner reads on the progress page, in plain words.

    They are events of a case and acts of the table of procedure. What is not here is the offices'
    own business: an approval asked for, a recusal, a report to the assigner.
    """

    OPENED = "opened", "信访部门收到，研究办理去向"
    REFERRED = "referred", "转送、交办有权处理的机关、单位"
    ACCEPTED = "accepted", "办理单位受理"
    OBJECTED = "objected", "办理单位提出异议"
    OBJECTION_DECIDED = "objection_decided", "对异议作出裁定"
    ANSWERED = "answered", "作出处理意见"
    DELIVERED = "delivered", "送达处理意见书"
    IMPORTED = "imported", "历史件转入"
    SIGN = "sign", "办理单位签收"
    SHARE = "share", "明确牵头和会办单位"
    PUT_UP = "put_up", "报请党委、政府决定"
    REFUSE_ACCEPTANCE = "refuse_acceptance", "不予受理"
    NO_FURTHER_ACCEPTANCE = "no_further_acceptance", "不再受理"
    END_WITHDRAWN = "end_withdrawn", "信访人撤回，终止办理"
    HAND_OVER = "hand_over", "移交有权机关处理"
    TO_ORDINARY = "to_ordinary", "转为普通程序办理"
    REQUEST_SUPPLEMENT = "request_supplement", "请补充材料"
    TAKE_SUPPLEMENT = "take_supplement", "收到补充材料"
    EXTEND = "extend", "延长办理期限"
    OPEN_HEARING = "open_hearing", "举行听证"
    CLOSE_HEARING = "close_hearing", "听证结束"
    OPEN_MEDIATION = "open_mediation", "组织调解"
    FAIL_MEDIATION = "fail_mediation", "调解不成，继续办理"
    AGREE = "agree", "达成协议"
    KEEP_UNDERTAKING = "keep_undertaking", "协议的一项义务已履行"
    FULFIL = "fulfil", "协议已履行"
    BREACH = "breach", "协议未履行，恢复办理"
    CARRY_OUT = "carry_out", "处理意见已落实"
    REQUEST_REVIEW = "request_review", "收到复查、复核申请"
    REFUSE_REVIEW = "refuse_review", "不予受理复查、复核申请"
    REVIEW = "review", "作出复查、复核意见"
    REOPEN = "reopen", "重新办理"


PUBLIC_STEPS = frozenset(PublicStep)
