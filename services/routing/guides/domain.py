"""Handling guides and policy changes by topic (办理指引、政策变动), in versions never rewritten.

A version is drafted, published, and later overtaken by the next one or withdrawn; from the first
day of the next one it is offered no more and stays readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid
from shared.reference.editions import Reference


class GuideKind(StrEnum):
    """办理指引, 政策变动."""

    GUIDE = "guide"
    POLICY_CHANGE = "policy_change"


class GuideState(StrEnum):
    """State of one version."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class GuideAct(StrEnum):
    """A step with a version."""

    DRAFT = "draft"
    REDRAFT = "redraft"
    DISCARD = "discard"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


STATE_WORDS: Mapping[GuideState, str] = {
    GuideState.DRAFT: "草稿",
    GuideState.PUBLISHED: "已发布",
    GuideState.WITHDRAWN: "已撤回",
}
STEPS: Mapping[GuideState, tuple[GuideAct, ...]] = {
    GuideState.DRAFT: (GuideAct.REDRAFT, GuideAct.DISCARD, GuideAct.PUBLISH),
    GuideState.PUBLISHED: (GuideAct.REDRAFT, GuideAct.WITHDRAW),
    GuideState.WITHDRAWN: (GuideAct.REDRAFT,),
}


class IllegalGuideStep(Conflict):
    """The step is not allowed with this version. `extra` has `current`."""

    code: ClassVar[str] = "illegal_guide_step"


@dataclass(frozen=True, slots=True)
class Content:
    """What a version says. `valid_to` is its last day, None for no end; of a policy change
    `valid_from` is the day of the change and `legal_basis` its article."""

    kind: GuideKind
    title: str
    category_code: str
    division_code: str
    text: str
    legal_basis: str | None
    valid_from: date
    valid_to: date | None

    def placed(self, organ_code: str, reference: Reference, *, on: date) -> Content:
        """The content of a guide of an organ with its division, which the organ's own one holds;
        without one it is the organ's own.

        Raises Invalid for an end before the beginning, a policy change without article, an unknown
        category or organ, and a division outside of the organ's."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Invalid("失效日期不得早于生效日期", field="valid_to")
        if self.kind is GuideKind.POLICY_CHANGE and not self.legal_basis:
            raise Invalid("政策变动须写明依据条款", field="legal_basis")
        if reference.categories.get(self.category_code) is None:
            raise Invalid("没有这个内容分类", field="category_code")
        organ = reference.organs.get(organ_code)
        if organ is None:
            raise Invalid("没有这个机关单位", field="organ_code")
        if not self.division_code:
            return replace(self, division_code=organ.division_code)
        known = reference.divisions.current(self.division_code, on)
        if known is None or not reference.divisions.contains(organ.division_code, known.code):
            raise Invalid("区划须在本机关所在区划之内", field="division_code")
        return replace(self, division_code=known.code)


@dataclass(slots=True, kw_only=True)
class Guide:
    """One version of a guide. `superseded_on` is the first day on which a later version is in its
    place; `revision` counts its changes, 0 while it is not stored."""

    guide_id: UUID
    version: int
    organ_code: str
    content: Content
    drafted_by: str
    state: GuideState = GuideState.DRAFT
    published_by: str | None = None
    published_on: date | None = None
    superseded_on: date | None = None
    withdrawn_on: date | None = None
    withdrawal_reasons: str | None = None
    revision: int = 0

    @property
    def allowed(self) -> tuple[GuideAct, ...]:
        """Steps that may be taken now."""
        return STEPS[self.state]

    def redraft(self, content: Content, *, by: str) -> Guide:
        """The draft with another content, or the draft of the next version."""
        self._need(GuideAct.REDRAFT)
        if self.state is not GuideState.DRAFT:
            return Guide(
                guide_id=self.guide_id, version=self.version + 1, organ_code=self.organ_code,
                content=content, drafted_by=by,
            )  # fmt: skip
        self.content, self.drafted_by = content, by
        return self

    def discard(self) -> None:
        """Give the draft up. Raises IllegalGuideStep."""
        self._need(GuideAct.DISCARD)

    def publish(self, *, by: str, on: date) -> None:
        """Publish the draft: from its first day it is in the place of those before. Raises
        IllegalGuideStep."""
        self._need(GuideAct.PUBLISH)
        self.state, self.published_by, self.published_on = GuideState.PUBLISHED, by, on

    def withdraw(self, reasons: str, *, on: date) -> None:
        """Offer it no more; versions before do not come back. Raises IllegalGuideStep."""
        self._need(GuideAct.WITHDRAW)
        self.state, self.withdrawn_on, self.withdrawal_reasons = GuideState.WITHDRAWN, on, reasons

    def _need(self, act: GuideAct) -> None:
        if act not in self.allowed:
            raise IllegalGuideStep(f"当前状态为{STATE_WORDS[self.state]}", current=str(self.state))


def topics_above(category_code: str) -> list[str]:
    """A six-digit category and those above it by the shape of the code, nearest first.

    Most specific first is also descending order of the codes; the same holds for divisions."""
    codes = [category_code[:width].ljust(6, "0") for width in (6, 4, 2)]
    return list(dict.fromkeys(codes))


def topics_below(category_code: str) -> str:
    """The highest code in the subtree of a six-digit category, itself the lowest."""
    width = next(w for w in (2, 4, 6) if category_code[w:].strip("0") == "")
    return category_code[:width].ljust(6, "9")
