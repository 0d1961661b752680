"""Codes of a case: its state, its referrals, how it is decided and how it ends."""

from __future__ import annotations

from shared.vocabulary.term import Term


class CaseState(Term):
    """State of a case as a whole."""

    NEEDS_PERSON = "needs_person", "待人工核定", "信访部门研究办理去向"
    PUT_UP = "put_up", "报请决定中", "报请党委、政府决定"
    REFERRED = "referred", "待受理"
    OBJECTED = "objected", "异议待核实", "办理单位提出异议，待裁定"
    ACCEPTED = "accepted", "办理中"
    AGREED = "agreed", "协议待履行", "已达成协议，待履行"
    ANSWERED = "answered", "待送达", "已答复，待送达"
    CLOSED = "closed", "已办结"
    ARCHIVED = "archived", "已归档", "已办结"


class CaseView(Term):
    """Which of the organ's cases: to act on now, that it has or had last, that it received, that
    it got a copy of, in which it owes a part (会办)."""

    TODO = "todo", "待办"
    HELD = "held", "承办"
    RECEIVED = "received", "收到"
    COPIED = "copied", "抄送"
    ASSISTING = "assisting", "会办"


class ReferralState(Term):
    """State of one organ's hold of a case."""

    PENDING = "pending", "待受理"
    OBJECTED = "objected", "已提出异议"
    RETURNED = "returned", "异议成立，已退回"
    PASSED = "passed", "已转办下级"
    ACCEPTED = "accepted", "已受理"
    AGREED = "agreed", "已达成协议"
    ANSWERED = "answered", "已提出意见，待送达"
    DELIVERED = "delivered", "已送达"
    GUIDED = "guided", "已引导至法定途径"


class ReferralKind(Term):
    """流转方式: 转送 / 交办 / 本机关办理 / 引导 / 复查 / 复核."""

    TRANSFER = "transfer", "转送"
    ASSIGNMENT = "assignment", "交办"
    OWN = "own", "本机关办理"
    GUIDE = "guide", "引导"
    REVIEW = "review", "复查"
    RE_REVIEW = "re_review", "复核"


class DecisionKind(Term):
    """转送, 交办, 本机关办理, 引导, 待人工核定, 历史导入 (条例 Art. 22, 23, 31)."""

    TRANSFER = "transfer", "转送"
    ASSIGNMENT = "assignment", "交办"
    OWN = "own", "本机关办理"
    GUIDE = "guide", "引导至法定途径"
    NEEDS_PERSON = "needs_person", "待人工核定"
    IMPORTED = "imported", "历史导入"


class Confidence(Term):
    """How sure a decision is; `person`: somebody decided."""

    CERTAIN = "certain", "把握很大"
    LIKELY = "likely", "把握较大"
    UNSURE = "unsure", "把握不足"
    PERSON = "person", "人工确定"


class DecisionReason(Term):
    """Why a person must decide."""

    PURPOSE_UNCERTAIN = (
        "purpose_uncertain",
        "目的待定：须先由信访工作人员确定属于建议、检举控告还是申诉求决",
    )
    ACCUSATION = "accusation", "检举控告类事项，由信访部门按管理权限确定去向"
    PLACE_UNKNOWN = "place_unknown", "没有写明可以辨认的地点，无法确定属地"
    PLACE_AMBIGUOUS = "place_ambiguous", "写到的地点不止一处或有重名，无法确定属地"
    PLACE_UNSURE = "place_unsure", "属地把握不足，请核对后确定"
    OUTSIDE_ROOT = "outside_root", "事项所在地不在本平台管辖范围"
    CATEGORY_UNSURE = (
        "category_unsure",
        "属地已明确，内容分类把握不足，请本级信访部门确定承办单位",
    )
    NO_ORGAN = "no_organ", "职责分工表中没有对应的承办单位"
    COMPLAINED_OF = "complained_of", "按职责应由被反映的单位办理，须由信访部门确定去向"
    ACCUSED_IN_TEXT = (
        "accused_in_text",
        "文中提到按职责应当办理的单位，可能涉及该单位，请人工判断",
    )
    STATUTORY_ROUTE = "statutory_route", "可能应当通过法定途径解决，须由工作人员核定后告知"
    OBJECTION_UPHELD = "objection_upheld", "异议成立，须重新确定去向"
    BOUNCED = "bounced", "多次异议成立，由共同的上一级信访部门确定去向"
    NO_COMMON_SUPERIOR = (
        "no_common_superior",
        "多次异议成立，平台内没有共同的上一级，须先报联席会议协调",
    )
    INSTRUCTED = "instructed", "党委、政府或者联席会议已有决定，按决定确定去向"
    REOPENED = "reopened", "重新办理，须确定去向"
    SEALED = "sealed", "密封件，须由信访部门专人核定"


class DecidingBody(Term):
    """Whom a case is put before (报请): Party committee, government or the joint conference."""

    COMMITTEE = "committee", "党委"
    GOVERNMENT = "government", "政府"
    CONFERENCE = "conference", "联席会议"


class ReopeningGround(Term):
    """Why a case is handled again: new facts and reasons, or supervision asked for it."""

    NEW_FACTS = "new_facts", "有新的事实和理由"
    SUPERVISION = "supervision", "督办要求"


class CrossingKind(Term):
    """三跨: region, department, trade. 三分离: person and matter, person and residence, matter and
    authority are in different places."""

    REGIONS = "regions", "跨地区"
    DEPARTMENTS = "departments", "跨部门"
    TRADES = "trades", "跨行业"
    MATTER_APART = "matter_apart", "人事分离"
    RESIDENCE_APART = "residence_apart", "人户分离"
    AUTHORITY_APART = "authority_apart", "事权分离"


class Opinion(Term):
    """Result of handling or of a review (Art. 29, 31, 32; 部分支持 and results from local law).

    支持, 部分支持, 解释说明, 不支持; 采纳, 部分采纳, 不采纳 for suggestions; 维持, 撤销, 变更,
    责令重新办理 for reviews.
    """

    SUPPORTED = "supported", "支持"
    PARTLY_SUPPORTED = "partly_supported", "部分支持"
    EXPLAINED = "explained", "解释说明"
    NOT_SUPPORTED = "not_supported", "不支持"
    ADOPTED = "adopted", "采纳"
    PARTLY_ADOPTED = "partly_adopted", "部分采纳"
    NOT_ADOPTED = "not_adopted", "不采纳"
    UPHELD = "upheld", "维持"
    REVOKED = "revoked", "撤销"
    CHANGED = "changed", "变更"
    REDO = "redo", "责令重新办理"


class Route(Term):
    """法定途径 of Art. 31(1)-(5); only (6) gets an opinion of the petition procedure."""

    LITIGATION = "litigation", "诉讼、检察、公安等法定程序（第三十一条第一项）"
    ARBITRATION = "arbitration", "仲裁（第三十一条第二项）"
    PARTY_APPEAL = "party_appeal", "党员申诉、申请复审（第三十一条第三项）"
    ADMINISTRATIVE = (
        "administrative",
        "行政复议、裁决、确认、许可、处罚等（第三十一条第四项）",
    )
    STATUTORY_DUTY = "statutory_duty", "申请查处、履行法定职责（第三十一条第五项）"


class ClosingKind(Term):
    """How a case ended (办结方式)."""

    ANSWERED = "answered", "已送达处理意见"
    SUGGESTION_REPLIED = "suggestion_replied", "已答复建议意见"
    STATUTORY_ROUTE = "statutory_route", "已引导至法定途径"
    ACCUSATION_HANDED = "accusation_handed", "检举控告已移交有权机关"
    SETTLED = "settled", "协议已达成并履行"
    WITHDRAWN = "withdrawn", "信访人撤回"
    REFUSED = "refused", "不予受理"
    NOT_AGAIN = "not_again", "不再受理"
    REVIEWED = "reviewed", "已送达复查意见"
    REVIEW_REFUSED = "review_refused", "不予受理复查、复核申请"
    FINAL = "final", "复核终结"


class PartRole(Term):
    """会办分工: 牵头 / 裁决或者调解 / 法律援助 / 审查核实 / 跟踪落实."""

    LEAD = "lead", "牵头办理"
    DECIDE = "decide", "裁决或者调解"
    LEGAL_AID = "legal_aid", "法律援助"
    EXAMINE = "examine", "审查核实"
    FOLLOW_UP = "follow_up", "跟踪落实"


class PartState(Term):
    """Where a part is; read off its dates and its verdict."""

    OPEN = "open", "办理中"
    RETURNED = "returned", "退回重办"
    ANSWERED = "answered", "已提出意见"
    ACCEPTED = "accepted", "已认可"
    EXCUSED = "excused", "已免除"


class PartVerdict(Term):
    """The lead's verdict on a part."""

    ACCEPTED = "accepted", "认可"
    RETURNED = "returned", "退回"


class AgreementKind(Term):
    """调解协议 or 和解协议."""

    MEDIATION = "mediation", "调解协议"
    SETTLEMENT = "settlement", "和解协议"


class Party(Term):
    """Whose promise it is. The organ is the one that handles the case; whoever else stands against
    the petitioner is an organisation with a name or a person without one."""

    PETITIONER = "petitioner", "信访人"
    ORGAN = "organ", "承办机关"
    ORGANISATION = "organisation", "单位"
    PERSON = "person", "相对人"


class UndertakingState(Term):
    """Where a promise is; read off its days."""

    OPEN = "open", "待履行"
    OVERDUE = "overdue", "逾期未履行"
    KEPT = "kept", "已履行"
    LAPSED = "lapsed", "协议未履行，不再要求"
