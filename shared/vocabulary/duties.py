"""Codes of duties with a due date, of limits and of the days they are counted in."""

from __future__ import annotations

from shared.vocabulary.term import Term


class DutyKind(Term):
    """What is owed. The number of days, its nature and its article are rows of the limit table."""

    D1 = "D1", "登记并转送、交办"  # petition office: register and transfer, assign or report
    D2 = "D2", "受理告知（直接收到）"  # organ that received it directly: say which way it goes
    D3 = "D3", "受理告知（转送、交办）"  # organ it was transferred or assigned to
    D4 = "D4", "提出异议"  # the same organ's window for an objection
    D5 = "D5", "办结"  # competent organ: close
    D7 = "D7", "复查"  # organ one level up: the review opinion
    D9 = "D9", "复核"  # organ above the reviewer: the re-review opinion
    SIMPLE = "simple", "简易办理"  # competent organ: answer by the simple procedure
    ASSIGNED = "assigned", "交办反馈"  # report back within the period set with 交办
    PART = "part", "会办意见"  # assisting organ: its opinion on its part of a joint matter
    ACCEPTANCE = "acceptance_internal", "接收（内部）"
    HANDLING = "handling_internal", "办理（内部）"
    GUIDED = "guided_internal", "引导后跟踪（内部）"
    REDIRECT = "redirect_internal", "重新确定去向（内部）"
    VERDICT = "verdict_internal", "核实异议（内部）"
    DELIVERY = "delivery_internal", "送达（内部）"
    PUT_UP = "put_up_internal", "报请决定（内部）"  # the Party committee's, the government's
    FULFILMENT = "fulfilment_internal", "协议履行（内部）"
    CARRYING = "carrying_internal", "处理意见落实（内部）"  # a supporting opinion
    REPORT_VERDICT = "report_verdict_internal", "审核办结报告（内部）"  # the assigner's
    NOTICE = "notice_internal", "文书告知（内部）"  # a paper the petitioner is owed
    RAISED = "raised", "提级督办"  # the superior's, after an overdue
    REPLY = "reply", "答复（历史数据）"  # imported history: an answer at all


class DutyState(Term):
    """时限任务 state; `overdue` stays readable after closing through `overdue_at`."""

    RUNNING = "running", "进行中"
    OVERDUE = "overdue", "超期"
    MET = "met", "按期完成"
    MET_LATE = "met_late", "超期完成"
    LAPSED = "lapsed", "期限届满"
    CANCELLED = "cancelled", "已撤销"

    @property
    def is_open(self) -> bool:
        """Whether something is still owed."""
        return self in (DutyState.RUNNING, DutyState.OVERDUE)


class SubjectKind(Term):
    """What a duty is about."""

    PETITION = "petition", "信访件"
    CASE = "case", "信访事项"
    DUTY = "duty", "时限任务"


class Nature(Term):
    """Nature of a limit; legal rates count legal rows only."""

    LEGAL = "legal", "法定时限"
    ASSIGNED = "assigned", "指定时限"
    INTERNAL = "internal", "内部时限，非法定"
    WINDOW = "window", "权利期限，届满即失权，不计超期"


class Stop(Term):
    """What a limit does not count the days of: a hearing 听证 (Art. 36), a suspension 中止, which
    the Regulation does not know and only the rows of a region may have."""

    HEARING = "hearing", "听证"
    SUSPENSION = "suspension", "中止"


class Unit(Term):
    """Unit of a limit: 日 or 工作日."""

    CALENDAR = "calendar", "日"
    WORKING = "working", "工作日"


class DayKind(Term):
    """What the calendar says of a day. `makeup` is a weekend day worked in exchange (调休)."""

    WORKDAY = "workday", "工作日"
    REST = "rest", "休息日"
    HOLIDAY = "holiday", "法定节假日"
    MAKEUP = "makeup", "调休上班"

    @property
    def is_working(self) -> bool:
        """Whether the day counts as 工作日."""
        return self in (DayKind.WORKDAY, DayKind.MAKEUP)


class Why(Term):
    """Why a day was counted or not."""

    COUNTED = "counted", "计入"
    UNKNOWN = "unknown", "日历未载，按计入处理"  # beyond the calendar
    NOT_WORKING = "not_working", "不计入：不是工作日"
    SUSPENDED = "suspended", "不计入：期限中止"
    ROLLED = "rolled", "最后一日为休息日，顺延"  # after the last counted day


class AlarmCode(Term):
    """What can be wrong with duties and what they are counted by."""

    NOBODY_TO_TELL = "nobody_to_tell", "超期后无上级可提级"
    LIMIT_MISSING = "limit_missing", "时限表没有适用的条目"
    CALENDAR_HORIZON = "calendar_horizon", "工作日历即将用尽"
    CALENDAR_LATER = "calendar_later", "日历变更使已告知的期限变晚，须由人决定"
    HISTORY_UNANSWERED = "history_unanswered", "导入的历史信访件没有答复"
    CASE_WITHOUT_DUTY = "case_without_duty", "在办信访事项没有任何时限任务"
    DUTY_PUT_OFF = "duty_put_off", "时限任务无法处理，一小时后再试"
    CLOCKS_DISAGREE = "clocks_disagree", "时钟不一致，暂停触发"
    DUTIES_DISAGREE = "duties_disagree", "时限任务与原始事件不符"
    WATCHER_SILENT = "watcher_silent", "时限监视没有心跳"
    WITNESS_SILENT = "witness_silent", "时限复核没有心跳"
    EDITION_FAULTY = "edition_faulty", "现行参考数据版本有错误"
    NOBODY_MAY_DECIDE = "nobody_may_decide", "有事项在本平台内无人可以决定"
