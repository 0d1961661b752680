"""The acts of guides: an officer drafts, a head of the same organ publishes and withdraws; a change
is a new version.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import Field

from services.routing.common.use_cases.bodies import (
    CategoryCode,
    DivisionCode,
    LongText,
    OrganCode,
    ShortLine,
)
from services.routing.common.use_cases.posts import Head, own_organ
from services.routing.guides.domain import (
    GUARDS,
    TABLE,
    Content,
    Guide,
    IllegalGuideStep,
)
from services.routing.guides.store import guides as store
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.reference.divisions import normalise_code
from shared.reference.editions import Reference
from shared.vocabulary.guides import GuideAct, GuideBy, GuideKind, GuideState
from shared.web.bodies import Day
from shared.workflow.acts import Workflow
from shared.workflow.bodies import ActIn, ReasonsIn, Words
from shared.workflow.entities import Actor, Quiet
from shared.workflow.guards import Step
from shared.workflow.pipeline import begin

NO_GUIDE: Final = "没有这份指引"


class GuideChangeIn(ActIn):
    """一个版本的内容。"""

    kind: GuideKind
    title: ShortLine
    category_code: CategoryCode = Field(description="内容分类；适用于该类及其下级")
    division_code: DivisionCode | None = Field(
        default=None, description="适用区划（含下级）；默认为本机关所在区划"
    )
    text: LongText
    legal_basis: Words | None = Field(default=None, description="依据；政策变动须写明条款")
    valid_from: Day = Field(description="生效日期；政策变动为变动之日")
    valid_to: Day | None = Field(default=None, description="最后一天")

    def content(self, organ_code: str, reference: Reference, *, on: date) -> Content:
        """As a version of the organ's guide keeps it. Raises Invalid."""
        plain = self.model_dump(include=set(Content.__dataclass_fields__))
        place = normalise_code(self.division_code) if self.division_code else ""
        content = Content(**plain | {"division_code": place})
        return content.placed(organ_code, reference, on=on)


class GuideIn(GuideChangeIn):
    """新的指引；在几个机关任职的，写明以哪个机关的名义。"""

    organ_code: OrganCode | None = None


class GuidePort(Quiet):
    """Guides for the pipeline."""

    async def load(self, uow: UnitOfWork, entity_id: UUID) -> Guide | None:
        """The guide by its newest version, locked."""
        return await store.load(uow.session, entity_id)

    def admit(self, entity: Guide, actor: Actor, reference: Reference) -> None:  # noqa: ARG002
        """Raises NotFound for other organs: drafts are nobody else's business."""
        if entity.organ_code not in actor.organs:
            raise NotFound(NO_GUIDE)

    def organs(self, entity: Guide, by: GuideBy) -> frozenset[str]:  # noqa: ARG002
        """The organ whose guide it is."""
        return frozenset((entity.organ_code,))

    def at_hand(self, entity: Guide) -> frozenset[str]:
        """The organ whose guide it is."""
        return frozenset((entity.organ_code,))

    async def save(self, uow: UnitOfWork, entity: Guide, *, proposed_by: str | None) -> None:  # noqa: ARG002
        """Store the version an act changed, or remove the draft it gave up."""
        if entity.about is None:
            await store.remove(uow, entity)
        else:
            await store.save(uow, entity.about)


def _audit(entity: Guide, act: str, step: Step | None) -> tuple[str, dict[str, Any]]:  # noqa: ARG001
    about = entity.about or entity
    done = "drafted" if act == GuideAct.REDRAFT and about.version == 1 else _DONE[GuideAct(act)]
    return done, {"version": about.number}


_DONE: Final = {
    GuideAct.DRAFT: "drafted", GuideAct.REDRAFT: "redrafted", GuideAct.DISCARD: "discarded",
    GuideAct.PUBLISH: "published", GuideAct.WITHDRAW: "withdrawn",
}  # fmt: skip

GUIDES: Final = Workflow[Guide](
    noun="guide",
    title="份指引",
    at="/routing/v1/guides",
    table=TABLE,
    guards=GUARDS,
    states={state: state.label for state in GuideState},
    positions={by: by.label for by in GuideBy},
    entities=GuidePort(),
    tables=None,
    illegal=IllegalGuideStep,
    counter="revision",
    audit=_audit,
)


async def draft(uow: UnitOfWork, actor: Actor, body: GuideIn, *, on: date) -> Guide:
    """Begin a guide of the actor's organ. Raises Invalid."""
    organ = own_organ(actor, body.organ_code)
    guide = Guide(
        guide_id=new_id(), number=1, organ_code=organ, drafted_by=actor.person,
        content=body.content(organ, uow.reference, on=on),
    )  # fmt: skip
    await begin(GUIDES, uow, guide, actor, organ, GuideAct.DRAFT, on=on, body=body)
    return guide


SAMPLE: Final = {
    "kind": "guide", "title": "房屋质量问题办理指引", "category_code": "030800",
    "text": "先查验收资料，再现场勘验。", "valid_from": "2026-01-01",
}  # fmt: skip


@GUIDES.act(
    "draft", "修改草稿或起草新版本", GuideChangeIn, GuideAct.REDRAFT, sample=SAMPLE, method="PUT",
    refuses=(Invalid,),
)  # fmt: skip
def redraft_guide(guide: Guide, step: Step, body: GuideChangeIn) -> None:
    """What was published stays as it is."""
    content = body.content(guide.organ_code, step.reference, on=step.on)
    guide.redraft(content, by=step.person)


@GUIDES.act("draft", "放弃草稿", ActIn, GuideAct.DISCARD, sample={}, method="DELETE", status=204)
def discard_guide_draft(guide: Guide, _step: Step, _body: ActIn) -> None:
    """What was published stays."""
    guide.discard()


async def _superseding(uow: UnitOfWork, guide: Guide, _step: Step, _: Any) -> None:
    await store.supersede(uow, guide)


@GUIDES.act(
    "publication", "发布指引", ActIn, GuideAct.PUBLISH, sample={}, after=_superseding, caller=Head
)
def publish_guide(guide: Guide, step: Step, _body: ActIn) -> None:
    """From its first day it is in the place of the versions before."""
    guide.publish(by=step.person, on=step.on)


@GUIDES.act(
    "withdrawal", "撤回指引", ReasonsIn, GuideAct.WITHDRAW, sample={"reasons": "依据已废止"},
    seen=lambda guide: guide.published.version, caller=Head,
)  # fmt: skip
def withdraw_guide(guide: Guide, step: Step, body: ReasonsIn) -> None:
    """It stays readable."""
    guide.withdraw(body.reasons, on=step.on)
