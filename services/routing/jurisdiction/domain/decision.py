"""A decision on where a case goes: its kinds, its reasons, its trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.routing.places.domain.place import Evidence

BY_RULES = "rules"
"""Who decided, where no person did."""


class DecisionKind(StrEnum):
    """转送, 交办, 本机关办理, 引导, 待人工核定, 历史导入 (条例 Art. 22, 23, 31)."""

    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OWN = "own"
    GUIDE = "guide"
    NEEDS_PERSON = "needs_person"
    IMPORTED = "imported"


class Confidence(StrEnum):
    """How sure a decision is; `person`: somebody decided."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"
    PERSON = "person"


class Reason(StrEnum):
    """Why a person must decide."""

    PURPOSE_UNCERTAIN = "purpose_uncertain"
    ACCUSATION = "accusation"
    PLACE_UNKNOWN = "place_unknown"
    PLACE_AMBIGUOUS = "place_ambiguous"
    PLACE_UNSURE = "place_unsure"
    OUTSIDE_ROOT = "outside_root"
    CATEGORY_UNSURE = "category_unsure"
    NO_ORGAN = "no_organ"
    COMPLAINED_OF = "complained_of"
    ACCUSED_IN_TEXT = "accused_in_text"
    STATUTORY_ROUTE = "statutory_route"
    OBJECTION_UPHELD = "objection_upheld"
    BOUNCED = "bounced"
    NO_COMMON_SUPERIOR = "no_common_superior"
    INSTRUCTED = "instructed"
    REOPENED = "reopened"
    SEALED = "sealed"


REASON_WORDS: Mapping[Reason, str] = {
    Reason.PURPOSE_UNCERTAIN: "目的待定：须先由信访工作人员确定属于建议、检举控告还是申诉求决",
    Reason.ACCUSATION: "检举控告类事项，由信访部门按管理权限确定去向",
    Reason.PLACE_UNKNOWN: "没有写明可以辨认的地点，无法确定属地",
    Reason.PLACE_AMBIGUOUS: "写到的地点不止一处或有重名，无法确定属地",
    Reason.PLACE_UNSURE: "属地把握不足，请核对后确定",
    Reason.OUTSIDE_ROOT: "事项所在地不在本平台管辖范围",
    Reason.CATEGORY_UNSURE: "属地已明确，内容分类把握不足，请本级信访部门确定承办单位",
    Reason.NO_ORGAN: "职责分工表中没有对应的承办单位",
    Reason.COMPLAINED_OF: "按职责应由被反映的单位办理，须由信访部门确定去向",
    Reason.ACCUSED_IN_TEXT: "文中提到按职责应当办理的单位，可能涉及该单位，请人工判断",
    Reason.STATUTORY_ROUTE: "可能应当通过法定途径解决，须由工作人员核定后告知",
    Reason.OBJECTION_UPHELD: "异议成立，须重新确定去向",
    Reason.BOUNCED: "多次异议成立，由共同的上一级信访部门确定去向",
    Reason.NO_COMMON_SUPERIOR: "多次异议成立，平台内没有共同的上一级，须先报联席会议协调",
    Reason.INSTRUCTED: "党委、政府或者联席会议已有决定，按决定确定去向",
    Reason.REOPENED: "重新办理，须确定去向",
    Reason.SEALED: "密封件，须由信访部门专人核定",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the rule trail: the principle, what followed from it, its source."""

    rule: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """An organ that was considered, and why."""

    organ_code: str
    organ_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Suspected:
    """An organ that a text may accuse, and the words that say so."""

    organ_code: str
    words: Evidence


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a case goes and why.

    `organ_code` is who holds the case then; for `guide` that is the organ that tells the
    petitioner, and `guided_to` the body of the statutory route. `copied_to` is the petition
    office that may see it (抄送, Art. 22). `editions` are ids by kind. `suspected` is the organ
    that the text may accuse, while a person looks whether it does.
    """

    kind: DecisionKind
    confidence: Confidence
    organ_code: str | None = None
    organ_division: str | None = None
    division_code: str | None = None
    category_code: str | None = None
    reason: Reason | None = None
    guided_to: str | None = None
    copied_to: str | None = None
    assigned_due_on: date | None = None
    trail: tuple[Step, ...] = ()
    runner_up: Option | None = None
    editions: Mapping[str, str] = field(default_factory=dict)
    decided_by: str = ""
    suspected: Suspected | None = None

    @property
    def hands_over(self) -> bool:
        """Whether some organ holds the case after it."""
        return self.kind is not DecisionKind.NEEDS_PERSON
