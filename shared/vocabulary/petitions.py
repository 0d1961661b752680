"""Codes of a petition: how it came, what it wants, why it is sealed."""

from __future__ import annotations

from shared.vocabulary.term import Term


class Channel(Term):
    """信访形式, 条例 Art. 17."""

    LETTER = "letter", "来信"
    VISIT = "visit", "来访"
    PHONE = "phone", "电话"
    FAX = "fax", "传真"
    ONLINE = "online", "网上信访"


class Origin(Term):
    """来源: how the petition reached the office that registered it."""

    OWN = "own", "本级登记"
    HANDED_DOWN = "handed_down", "上级转交"
    LEADER = "leader", "领导批示"
    DISPUTE_CHECK = "dispute_check", "矛盾纠纷排查"
    PARTNER = "partner", "外部系统推送"


class Purpose(Term):
    """目的, 条例 Art. 29-31; `uncertain` until a person has decided."""

    SUGGESTION = "suggestion", "建议意见"
    ACCUSATION = "accusation", "检举控告"
    CLAIM = "claim", "申诉求决"
    UNCERTAIN = "uncertain", "目的待定"


class CategoryBy(Term):
    """Who set the category: a person, the classifier, or nobody yet."""

    DECLARED = "declared", "人工选定"
    SUGGESTED = "suggested", "系统建议"
    NONE = "none", "尚未分类"


class SealedClass(Term):
    """Why a filing is sealed; travels in the opaque event."""

    ACCUSATION_DECLARED = "accusation_declared", "申明为检举控告"
    ACCUSATION_SUSPECTED = "accusation_suspected", "疑似检举控告"
    MAY_ACCUSE_RECIPIENT = "may_accuse_recipient", "可能涉及承办单位"
    RETALIATION = "retaliation", "反映因信访遭受打击报复"


class SealingRule(Term):
    """The rule by which a filing is sealed, most serious first."""

    RETALIATION = "retaliation", "信访人反映因信访遭受打击报复"
    DECLARED = "declared", "信访人申明为检举控告"
    CRIME = "crime", "内容涉及公职人员职务违纪违法"
    CORRUPTION = "corruption", "内容反映公职人员或者公共机构谋取私利、侵害群众"
    ACCUSED = "accused", "检举控告的对象是公职人员或者公共机构"
    COMPLAINED = "complained", "投诉的对象是公共机构，可能就是承办单位"
    FAILURE = "failure", "内容指名公共机构不履职或者乱履职，可能就是承办单位"
    TITLE = "title", "标题指名公共机构的行为，可能就是承办单位"
    EVASION = "evasion", "内容多处指名公共机构推诿敷衍，可能就是承办单位"
