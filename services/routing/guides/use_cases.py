"""Guides: an officer drafts, a head of the same organ publishes; a change is a new version."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.routing.cases.store.cases import StaleVersion
from services.routing.common.use_cases.actor import Actor
from services.routing.guides.domain import Content, Guide, GuideState
from services.routing.guides.store import guides as store
from services.routing.relief.use_cases.relief_funds import own_organ
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id

NO_GUIDE = "没有这份指引"


async def draft(
    uow: UnitOfWork, actor: Actor, content: Content, *, organ_code: str | None
) -> Guide:
    """Begin a guide of the actor's organ. Raises what `Content.placed` raises."""
    organ = own_organ(actor, organ_code)
    placed = content.placed(organ, uow.reference, on=uow.clock.today())
    guide = Guide(
        guide_id=new_id(), version=1, organ_code=organ, content=placed, drafted_by=actor.person
    )
    return await _keep(uow, guide, actor, "drafted")


async def redraft(uow: UnitOfWork, guide_id: UUID, actor: Actor, content: Content) -> Guide:
    """Change the draft, or begin the next version where the newest is published or withdrawn.

    Raises NotFound, StaleVersion and what `Content.placed` raises."""
    guide = await _newest(uow, guide_id, actor)
    placed = content.placed(guide.organ_code, uow.reference, on=uow.clock.today())
    what = "redrafted" if guide.state is GuideState.DRAFT else "drafted"
    return await _keep(uow, guide.redraft(placed, by=actor.person), actor, what)


async def discard(uow: UnitOfWork, guide_id: UUID, actor: Actor) -> None:
    """Remove the draft; what was published stays. Raises NotFound, IllegalGuideStep."""
    guide = await _newest(uow, guide_id, actor)
    guide.discard()
    await store.remove(uow, guide)
    _note(uow, guide, actor, "discarded")


async def publish(uow: UnitOfWork, guide_id: UUID, actor: Actor, *, on: date) -> Guide:
    """Publish the draft; from its first day earlier versions are not offered any more.

    Raises NotFound, IllegalGuideStep, StaleVersion."""
    guide = await _newest(uow, guide_id, actor)
    guide.publish(by=actor.person, on=on)
    first_day = guide.content.valid_from
    await store.supersede(uow.session, guide_id, version=guide.version, on=first_day)
    return await _keep(uow, guide, actor, "published")


async def withdraw(
    uow: UnitOfWork, guide_id: UUID, actor: Actor, *, reasons: str, on: date
) -> Guide:
    """Offer the newest published version no more, also while the next one is a draft; it stays
    readable. Raises NotFound, IllegalGuideStep, StaleVersion."""
    guide = await _newest(uow, guide_id, actor, or_draft=False)
    guide.withdraw(reasons, on=on)
    return await _keep(uow, guide, actor, "withdrawn")


async def _newest(uow: UnitOfWork, guide_id: UUID, actor: Actor, *, or_draft: bool = True) -> Guide:
    guide = await store.newest(uow.session, guide_id, or_draft=or_draft, lock=True)
    if guide is None and not or_draft:
        guide = await store.newest(uow.session, guide_id, lock=True)  # only a draft: no such step
    if guide is None or guide.organ_code not in actor.organs:
        raise NotFound(NO_GUIDE)
    if actor.version is not None and actor.version != guide.revision:
        raise StaleVersion("内容已被他人更新，请刷新后再试", revision=guide.revision)
    return guide


async def _keep(uow: UnitOfWork, guide: Guide, actor: Actor, what: str) -> Guide:
    await store.save(uow, guide)
    _note(uow, guide, actor, what)
    return guide


def _note(uow: UnitOfWork, guide: Guide, actor: Actor, what: str) -> None:
    subject = f"guide/{guide.guide_id}"
    uow.audit(f"guide.{what}", subject, actor=actor.person, version=guide.version)
