"""Every closed list by its name: what clients are served, and what the tests compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.vocabulary import (
    acts,
    cases,
    checks,
    duties,
    guides,
    papers,
    petitions,
    places,
    posts,
    relief,
)
from shared.vocabulary.term import NumberedTerm, Term


@dataclass(frozen=True, slots=True)
class ClosedList:
    """A list of codes with its Chinese title."""

    title: str
    terms: type[Term] | type[NumberedTerm]

    @property
    def codes(self) -> frozenset[str]:
        """All codes of the list, as text."""
        return frozenset(str(each.value) for each in self.terms)


LISTS: Final[Mapping[str, ClosedList]] = {
    "channel": ClosedList("信访形式", petitions.Channel),
    "origin": ClosedList("信访件来源", petitions.Origin),
    "purpose": ClosedList("信访目的", petitions.Purpose),
    "category_by": ClosedList("分类由谁确定", petitions.CategoryBy),
    "sealed_class": ClosedList("密封原因", petitions.SealedClass),
    "sealing_rule": ClosedList("密封规则", petitions.SealingRule),
    "case_state": ClosedList("办件状态", cases.CaseState),
    "case_view": ClosedList("办件清单", cases.CaseView),
    "referral_state": ClosedList("流转状态", cases.ReferralState),
    "referral_kind": ClosedList("流转方式", cases.ReferralKind),
    "decision_kind": ClosedList("去向", cases.DecisionKind),
    "decision_reason": ClosedList("待人工核定的原因", cases.DecisionReason),
    "confidence": ClosedList("把握程度", cases.Confidence),
    "deciding_body": ClosedList("报请对象", cases.DecidingBody),
    "reopening_ground": ClosedList("重新办理的理由", cases.ReopeningGround),
    "crossing_kind": ClosedList("三跨三分离", cases.CrossingKind),
    "opinion": ClosedList("处理意见", cases.Opinion),
    "route": ClosedList("法定途径", cases.Route),
    "closing_kind": ClosedList("办结方式", cases.ClosingKind),
    "part_role": ClosedList("会办分工", cases.PartRole),
    "part_state": ClosedList("会办分工状态", cases.PartState),
    "part_verdict": ClosedList("对会办意见的审核", cases.PartVerdict),
    "agreement_kind": ClosedList("协议种类", cases.AgreementKind),
    "party": ClosedList("义务人", cases.Party),
    "undertaking_state": ClosedList("协议义务状态", cases.UndertakingState),
    "act": ClosedList("办理步骤", acts.Act),
    "by": ClosedList("由谁办理", acts.By),
    "approval": ClosedList("签批", acts.Approval),
    "public_step": ClosedList("信访人可见的办理步骤", acts.PublicStep),
    "relief_kind": ClosedList("救助种类", relief.ReliefKind),
    "relief_state": ClosedList("救助申请状态", relief.ReliefState),
    "relief_act": ClosedList("救助步骤", relief.ReliefAct),
    "relief_by": ClosedList("救助步骤由谁办理", relief.ReliefBy),
    "entry_kind": ClosedList("救助资金台账", relief.EntryKind),
    "guide_kind": ClosedList("指引种类", guides.GuideKind),
    "guide_state": ClosedList("指引状态", guides.GuideState),
    "guide_act": ClosedList("指引步骤", guides.GuideAct),
    "guide_by": ClosedList("指引步骤由谁办理", guides.GuideBy),
    "guide_view": ClosedList("指引清单", guides.GuideView),
    "duty_kind": ClosedList("时限任务种类", duties.DutyKind),
    "duty_state": ClosedList("时限任务状态", duties.DutyState),
    "subject_kind": ClosedList("时限任务的对象", duties.SubjectKind),
    "nature": ClosedList("时限性质", duties.Nature),
    "stop": ClosedList("不计入期限的事由", duties.Stop),
    "unit": ClosedList("期限单位", duties.Unit),
    "day_kind": ClosedList("日历日种类", duties.DayKind),
    "why": ClosedList("计日说明", duties.Why),
    "alarm_code": ClosedList("告警", duties.AlarmCode),
    "delivery_method": ClosedList("送达方式", papers.DeliveryMethod),
    "format": ClosedList("文书格式", papers.Format),
    "level": ClosedList("区划级别", places.Level),
    "division_kind": ClosedList("区划种类", places.DivisionKind),
    "place_field": ClosedList("地点写在何处", places.PlaceField),
    "place_basis": ClosedList("属地依据", places.PlaceBasis),
    "guide_body": ClosedList("引导去向", places.GuideBody),
    "role": ClosedList("岗位", posts.Role),
    "post_standing": ClosedList("岗位授予状态", posts.PostStanding),
    "grant_purpose": ClosedList("查看身份的目的", posts.GrantPurpose),
    "audit_flaw": ClosedList("审计核对结果", checks.AuditFlaw),
    "not_ready": ClosedList("未就绪原因", checks.NotReady),
}
"""Names are published and never change; a new list is added, none is taken away."""
