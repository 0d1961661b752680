"""Requests and answers about guides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.routing.casework.api.views import Names
from services.routing.common.use_cases.bodies import (
    CategoryCode,
    DivisionCode,
    LongText,
    OrganCode,
    ShortLine,
)
from services.routing.guides.domain import STATE_WORDS, Content, Guide, GuideKind, GuideState
from shared.reference.divisions import normalise_code
from shared.web.bodies import Day
from shared.workflow.bodies import Request, SeenVersion, Words

Title = ShortLine


class GuideView(StrEnum):
    """What may be read: in force on a day, the own organ's drafts, all of the own organ."""

    IN_FORCE = "in_force"
    DRAFTS = "drafts"
    OWN = "own"


class GuideChangeIn(Request):
    """What a version says. `version` is the revision that was seen."""

    kind: GuideKind
    title: Title
    category_code: CategoryCode = Field(description="内容分类；适用于该类及其下级")
    division_code: DivisionCode | None = Field(
        default=None, description="适用区划（含下级）；默认为本机关所在区划"
    )
    text: LongText
    legal_basis: Words | None = Field(default=None, description="依据；政策变动须写明条款")
    valid_from: Day = Field(description="生效日期；政策变动为变动之日")
    valid_to: Day | None = Field(default=None, description="最后一天")
    version: SeenVersion = None

    def content(self) -> Content:
        """As the rules take it."""
        plain = self.model_dump(include=set(Content.__dataclass_fields__))
        place = normalise_code(self.division_code) if self.division_code else ""
        return Content(**plain | {"division_code": place})


class GuideIn(GuideChangeIn):
    """A new guide; `organ_code` when the caller has posts at several organs."""

    organ_code: OrganCode | None = None


class GuideSeenIn(Request):
    """The revision that was seen."""

    version: SeenVersion = None


class GuideWithdrawalIn(GuideSeenIn):
    """Why it is offered no more."""

    reasons: Words


class GuideLine(BaseModel):
    """One version without its text."""

    guide_id: UUID
    version: int
    kind: GuideKind
    state: GuideState
    state_name: str
    title: str
    organ_code: str
    organ_name: str | None
    category_code: str
    category_name: str | None
    division_code: str
    division_name: str | None
    valid_from: date
    valid_to: date | None
    superseded_on: date | None
    published_on: date | None
    withdrawn_on: date | None
    revision: int


class GuideOut(GuideLine):
    """One version whole."""

    text: str
    legal_basis: str | None
    withdrawal_reasons: str | None


class GuideDetail(GuideOut):
    """The newest version the caller may read, and all of them, newest first."""

    versions: list[GuideLine]


def line(guide: Guide, names: Names) -> GuideLine:
    """A version as one line."""
    return GuideLine(**_plain(guide, names, GuideLine))


def whole(guide: Guide, names: Names) -> GuideOut:
    """A version with its text."""
    return GuideOut(**_plain(guide, names, GuideOut))


def detail(versions: Sequence[Guide], names: Names) -> GuideDetail:
    """A chain, newest version first."""
    lines = [line(each, names) for each in versions]
    return GuideDetail(**_plain(versions[0], names, GuideOut), versions=lines)


def _plain(guide: Guide, names: Names, shape: type[BaseModel]) -> dict[str, Any]:
    known = {
        name: getattr(part, name)
        for part in (guide, guide.content)
        for name in shape.model_fields
        if hasattr(part, name)
    }
    return known | {
        "state_name": STATE_WORDS[guide.state],
        "organ_name": names.organ(guide.organ_code),
        "category_name": names.category(guide.content.category_code),
        "division_name": names.division(guide.content.division_code),
    }
