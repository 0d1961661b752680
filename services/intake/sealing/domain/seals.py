"""What a sealing decision is: its class and the reasons a person can check (decisions 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SealedClass(StrEnum):
    """Why a filing is sealed; travels in the opaque event."""

    ACCUSATION_DECLARED = "accusation_declared"
    ACCUSATION_SUSPECTED = "accusation_suspected"
    MAY_ACCUSE_RECIPIENT = "may_accuse_recipient"
    RETALIATION = "retaliation"


REASONS = {
    "retaliation": "信访人反映因信访遭受打击报复",
    "declared": "信访人申明为检举控告",
    "crime": "内容涉及公职人员职务违纪违法",
    "corruption": "内容反映公职人员或者公共机构谋取私利、侵害群众",
    "accused": "检举控告的对象是公职人员或者公共机构",
    "complained": "投诉的对象是公共机构，可能就是承办单位",
    "failure": "内容指名公共机构不履职或者乱履职，可能就是承办单位",
    "title": "标题指名公共机构的行为，可能就是承办单位",
    "evasion": "内容多处指名公共机构推诿敷衍，可能就是承办单位",
}


@dataclass(frozen=True, slots=True)
class Seal:
    """The decision with what a person needs to check it."""

    sealed_class: SealedClass
    rules: tuple[str, ...]
    reasons: tuple[str, ...]


def seal_of(found: set[str]) -> Seal:
    """The decision that follows from the rules that were met."""
    rules = tuple(rule for rule in REASONS if rule in found)
    if "retaliation" in found:
        sealed_class = SealedClass.RETALIATION
    elif "declared" in found:
        sealed_class = SealedClass.ACCUSATION_DECLARED
    elif found & {"crime", "corruption", "accused"}:
        sealed_class = SealedClass.ACCUSATION_SUSPECTED
    else:
        sealed_class = SealedClass.MAY_ACCUSE_RECIPIENT
    return Seal(sealed_class, rules, tuple(REASONS[rule] for rule in rules))
