"""The closed vocabularies that appear in contracts (docs/glossary.md has the Chinese words)."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """信访形式, 条例 Art. 17."""

    LETTER = "letter"
    VISIT = "visit"
    PHONE = "phone"
    FAX = "fax"
    ONLINE = "online"


class Origin(StrEnum):
    """来源: how the petition reached the office that registered it."""

    OWN = "own"
    HANDED_DOWN = "handed_down"
    LEADER = "leader"
    DISPUTE_CHECK = "dispute_check"
    PARTNER = "partner"


class Purpose(StrEnum):
    """目的, 条例 Art. 29-31; `uncertain` until a person has decided."""

    SUGGESTION = "suggestion"
    ACCUSATION = "accusation"
    CLAIM = "claim"
    UNCERTAIN = "uncertain"


class CategoryBy(StrEnum):
    """Who set the category: a person, the classifier, or nobody yet."""

    DECLARED = "declared"
    SUGGESTED = "suggested"
    NONE = "none"


class ReferralKind(StrEnum):
    """流转方式: 转送 / 交办 / 本机关办理 / 引导 / 复查 / 复核."""

    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OWN = "own"
    GUIDE = "guide"
    REVIEW = "review"
    RE_REVIEW = "re_review"


class ReferralState(StrEnum):
    """State of one organ's hold of a case."""

    PENDING = "pending"
    OBJECTED = "objected"
    RETURNED = "returned"
    PASSED = "passed"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    GUIDED = "guided"


class PartRole(StrEnum):
    """会办分工: 牵头 / 裁决或者调解 / 法律援助 / 审查核实 / 跟踪落实."""

    LEAD = "lead"
    DECIDE = "decide"
    LEGAL_AID = "legal_aid"
    EXAMINE = "examine"
    FOLLOW_UP = "follow_up"


class CaseState(StrEnum):
    """State of a case as a whole."""

    NEEDS_PERSON = "needs_person"
    PUT_UP = "put_up"
    REFERRED = "referred"
    OBJECTED = "objected"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    ANSWERED = "answered"
    CLOSED = "closed"
    ARCHIVED = "archived"


class DutyState(StrEnum):
    """时限任务 state; `overdue` stays readable after closing through `overdue_at`."""

    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class Nature(StrEnum):
    """Nature of a limit; legal rates count legal rows only."""

    LEGAL = "legal"
    ASSIGNED = "assigned"
    INTERNAL = "internal"
    WINDOW = "window"


class GrantPurpose(StrEnum):
    """What a case grant (授权凭据) opens the vault for; see intake for what each shows."""

    IDENTITY = "identity"
    CONTACT = "contact"
    DELIVER = "deliver"
    SAME_MATTER = "same_matter"
    OPEN_SEALED = "open_sealed"
    UNSEAL = "unseal"


class Role(StrEnum):
    """Role codes of posts."""

    CITIZEN = "citizen"
    REGISTRAR = "registrar"
    OFFICER = "officer"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    REVIEWER = "reviewer"
    DISCIPLINE = "discipline"
    ANALYST = "analyst"
    PARTNER = "partner"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SERVICE = "service"
