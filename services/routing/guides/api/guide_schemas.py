"""Answers about guides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.routing.casework.api.views import Names
from services.routing.guides.acts import GUIDES
from services.routing.guides.domain import Guide
from shared.vocabulary.guides import GuideKind, GuideState
from shared.workflow.guards import Law
from shared.workflow.page import ActionOut, action_out


class GuideLine(BaseModel):
    """一个版本的目录信息。"""

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
    """一个版本的全文。"""

    text: str
    legal_basis: str | None
    withdrawal_reasons: str | None
    actions: list[ActionOut] = Field(description="起草机关当前可以办理的步骤；其他机关为空")


class GuideDetail(GuideOut):
    """可以阅读的最新版本，以及历次版本的目录，新的在前。"""

    versions: list[GuideLine]


def line(guide: Guide, names: Names) -> GuideLine:
    """A version as one line."""
    return GuideLine(**_plain(guide, names))


def whole(shown: Guide, names: Names, actions: Sequence[ActionOut] = ()) -> GuideOut:
    """A version with its text and what may be done with its guide."""
    return GuideOut(**_plain(shown, names) | {"actions": actions})


def detail(
    versions: Sequence[Guide], names: Names, actions: Sequence[ActionOut] = ()
) -> GuideDetail:
    """A guide with all its versions, newest first."""
    lines = [line(each, names) for each in versions]
    return GuideDetail(**_plain(versions[0], names) | {"actions": actions, "versions": lines})


def actions(guide: Guide, law: Law) -> list[ActionOut]:
    """What may be done with a guide, for the organ whose guide it is."""
    return [action_out(each) for each in GUIDES.actions(guide, law)]


def _plain(guide: Guide, names: Names) -> dict[str, Any]:
    content = {name: getattr(guide.content, name) for name in guide.content.__dataclass_fields__}
    known = {name: getattr(guide, name, None) for name in GuideOut.model_fields}
    return known | content | {
        "version": guide.number, "revision": guide.version,
        "state_name": guide.state.label,
        "organ_name": names.organ(guide.organ_code),
        "category_name": names.category(guide.content.category_code),
        "division_name": names.division(guide.content.division_code),
    }  # fmt: skip
