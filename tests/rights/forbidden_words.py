"""Words for tracking or judging people, and the reviewed places where one of them is harmless."""

from __future__ import annotations

from tests.rights.planted import FIELDS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PERSON_KEYS = _words(
    """person persons people petitioner petitioners complainant informant citizen name names surname
    phone mobile tel telephone email mail address idcard passport face fingerprint voiceprint device
    imei imsi mac plate vehicle ip agent location gps latitude longitude lat lon geo birth birthday
    sex gender ethnicity religion occupation household age wechat qq account"""
)
"""Parts of names by which a person could be found or told from others."""

JUDGEMENTS = _words(
    """risk score scoring label labels tag tags credit blacklist whitelist watchlist keyperson
    frequency habitual relation relations relationship graph network movement track tracking
    trajectory history stability threat extremism profile profiling portrait rating rank ranking
    sentiment emotion suspect flagged troublemaker vip persona similarity"""
)
"""Parts of names that judge, list or follow people."""

COMPOUNDS = (
    *("id_number", "id_card", "key_person", "black_list", "by_person", "per_person"),
    *("person_key", "person_id", "first_name", "last_name", "user_agent", "x_forwarded"),
)

CHINESE = (
    *("老户", "扬言", "缠访", "闹访", "稳控", "维稳", "重点人", "黑名单", "白名单", "信用分"),
    *("征信", "评分", "打分", "画像", "标签", "风险等级", "危险等级", "轨迹", "定位", "人脸"),
    *("声纹", "车牌", "行踪", "关系图", "关系人", "极端", "精神病", "前科", "非访", "稳定等级"),
    *("越级上访人员", "户籍", "民族", "活跃度", "上访次数", "信访次数", "频次"),
)
"""The same in Chinese, looked for in every title, description and value of an enumeration."""

OFFICIALS = "an official in office, not a petitioner"
SYSTEM = "a county system or a part of this one, not a person"
THING = "the name of a division, an organ or a category"
ONE_PETITION = "masked, of the one petition that was opened; no list, no search"
REVEALED = "of the one petition a case grant opens, once, logged for the petitioner"
FILED = "what the petitioner files; goes into the vault"
COUNTED = "a head-count, no key"
IMPORTED = "where an imported row came from"
ORGANISATION = "the organisation that promised something in an agreement, never a person"
A_SIDE = "which side of an agreement promised something, without who it is"
CODE = "what a code of a closed list is called"
BY_HAND = "that a person and not the rules decided, about an official"

HARMLESS = {
    **dict.fromkeys(
        ("state_name", "kind_name", "nature_name", "organ_name", "from_organ_name",
         "guided_to_name", "division_name", "category_name", "keeper_name", "source_name",
         "way_name", "act_name", "role_name", "verdict_name", "assigned_by_name",
         "standing_name"),
        THING,
    ),
    "person_times": COUNTED,
    "answered_person_times": COUNTED,
    "needs_person": BY_HAND,
    "needs_person_reason": BY_HAND,
}  # fmt: skip
"""Names that mean the same harmless thing wherever they stand."""

ALLOWED: dict[str, str] = {
    # filters of routes
    "GET /routing/v1/posts?person": OFFICIALS,
    "GET /intake/v1/reveals?person": OFFICIALS,
    "POST /intake/v1/partners/{name}/secrets?name": SYSTEM,
    "DELETE /intake/v1/partners/{name}/old-secrets?name": SYSTEM,
    "PUT /intake/v1/partners/{name}/active?name": SYSTEM,
    # tables and columns
    "post.person": OFFICIALS,
    "routing.post_giving.person": OFFICIALS,
    "lease.name": SYSTEM,
    "supervision.watcher.name": SYSTEM,
    "intake.partner.name": SYSTEM,
    "routing.case_file.history": IMPORTED,
    "routing.needs_person": BY_HAND,
    "routing.case_act.person": OFFICIALS,
    "routing.relief_act.person": OFFICIALS,
    "routing.undertaking.name": ORGANISATION,
    "intake.reveal.person": OFFICIALS,
    # members of events
    "PostFacts.person": OFFICIALS,
    "PaperDeliveredV1.person": OFFICIALS,
    "CaseFacts.history": IMPORTED,
    "PetitionFacts.history": IMPORTED,
    # members of requests and answers
    "PostIn.person": OFFICIALS,
    "RecusalIn.person": OFFICIALS,
    "ProcedureRow.name": "the name of an act",
    "PostOut.person": OFFICIALS,
    "RevealEntry.person": OFFICIALS,
    "DecisionOut.by_person": BY_HAND,
    "CategoryOut.name": THING,
    "TermOut.label": CODE,
    "TermOut.public_label": CODE,
    "DivisionOut.name": THING,
    "OrganOut.name": THING,
    "PartOut.name": THING,
    "UndertakingIn.name": ORGANISATION,
    "PartnerIn.name": SYSTEM,
    "PartnerOut.name": SYSTEM,
    "PartnerSecretOut.name": SYSTEM,
    "PetitionDetail.petitioners": ONE_PETITION,
    **{f"MaskedPetitioner.{field}": ONE_PETITION for field in FIELDS},
    "RevealOut.petitioners": REVEALED,
    **{f"RevealedPetitioner.{field}": REVEALED for field in FIELDS},
    "PetitionIn.petitioners": FILED,
    **{f"PetitionerIn.{field}": FILED for field in FIELDS},
    # values
    "Channel=phone": "how it came or went out",
    "DeliveryMethod=phone": "how it came or went out",
    "DeliveryMethod=in_person": "how it came or went out",
    "CaseState=needs_person": BY_HAND,
    "Confidence=person": BY_HAND,
    "AlarmCode=history_unanswered": IMPORTED,
    "Party=person": A_SIDE,
    "Party=petitioner": A_SIDE,
    "Role=citizen": "a role nobody is given",
}
"""Path, column or member -> why it may be. Anything else with such a word fails."""
