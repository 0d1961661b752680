"""Codes of handling guides and notices of policy (办理指引、政策变动)."""

from __future__ import annotations

from shared.vocabulary.term import Term


class GuideKind(Term):
    """办理指引, 政策变动."""

    GUIDE = "guide", "办理指引"
    POLICY_CHANGE = "policy_change", "政策变动"


class GuideState(Term):
    """State of one version."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


class GuideView(Term):
    """What may be read: in force on a day, the own organ's drafts, all of the own organ."""

    IN_FORCE = "in_force", "现行"
    DRAFTS = "drafts", "本单位草稿"
    OWN = "own", "本单位全部"


class GuideAct(Term):
    """A step with a guide."""

    DRAFT = "draft", "起草"
    REDRAFT = "redraft", "修改草稿、起草新版本"
    DISCARD = "discard", "放弃草稿"
    PUBLISH = "publish", "发布"
    WITHDRAW = "withdraw", "撤回"


class GuideBy(Term):
    """Whose step it is: always the organ whose guide it is."""

    OWNER = "owner", "起草机关"
