"""Guides: an officer drafts, a head of the same organ publishes; a change is a new version."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.routing.cases.store.cases import StaleVersion
from services.routing.common.use_cases.actor import Actor
from services.routing.guides.domain import Content, need
from services.routing.guides.store import guides as store
from services.routing.relief.use_cases.relief_funds import own_organ
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.vocabulary.help import GuideState

NO_GUIDE = "没有这份指引"


async def draft(uow: UnitOfWork, actor: Actor, content: Content, *, organ_code: str | None) -> UUID:
    """Begin a guide of the actor's organ. `content.division_code` empty: the organ's own.

    Raises Invalid."""
    organ = own_organ(actor, organ_code)
    guide_id = new_id()
    values = {"guide_id": guide_id, "version": 1, "organ_code": organ}
    await _add(uow, actor, values, _placed(uow, organ, content))
    return guide_id


async def redraft(uow: UnitOfWork, guide_id: UUID, actor: Actor, content: Content) -> None:
    """Change the draft, or begin the next version where the newest is published or withdrawn.

    `actor.version` is the revision the person has seen. Raises NotFound, Invalid, StaleVersion."""
    row = await _newest(uow, guide_id, actor)
    content = _placed(uow, row.organ_code, content)
    if row.state == GuideState.DRAFT:
        await store.change(uow, row, _columns(content) | {"drafted_by": actor.person})
        _note(uow, "redrafted", row.guide_id, row.version, actor)
        return
    values = {
        "guide_id": guide_id, "version": row.version + 1, "organ_code": row.organ_code,
    }  # fmt: skip
    await _add(uow, actor, values, content)


async def discard(uow: UnitOfWork, guide_id: UUID, actor: Actor) -> None:
    """Remove the draft; what was published stays. Raises NotFound, IllegalGuideStep."""
    row = await _newest(uow, guide_id, actor)
    need(GuideState(row.state), GuideState.DRAFT)
    await store.remove(uow, row)
    _note(uow, "discarded", guide_id, row.version, actor)


async def publish(uow: UnitOfWork, guide_id: UUID, actor: Actor, *, on: date) -> None:
    """Publish the draft; from its first day earlier versions are not offered any more.

    Raises NotFound, IllegalGuideStep, StaleVersion."""
    row = await _newest(uow, guide_id, actor)
    need(GuideState(row.state), GuideState.DRAFT)
    published = {
        "state": str(GuideState.PUBLISHED), "published_by": actor.person, "published_on": on,
    }  # fmt: skip
    await store.change(uow, row, published)
    await store.supersede(uow.session, guide_id, version=row.version, on=row.valid_from)
    _note(uow, "published", guide_id, row.version, actor)


async def withdraw(
    uow: UnitOfWork, guide_id: UUID, actor: Actor, *, reasons: str, on: date
) -> None:
    """Offer the newest published version no more, also while the next one is a draft; it stays
    readable. Earlier versions do not come back.

    Raises NotFound, IllegalGuideStep, StaleVersion."""
    row = await _newest(uow, guide_id, actor, or_draft=False)
    need(GuideState(row.state), GuideState.PUBLISHED)
    withdrawn = {
        "state": str(GuideState.WITHDRAWN), "withdrawn_on": on, "withdrawal_reasons": reasons,
    }  # fmt: skip
    await store.change(uow, row, withdrawn)
    _note(uow, "withdrawn", guide_id, row.version, actor)


async def _newest(uow: UnitOfWork, guide_id: UUID, actor: Actor, *, or_draft: bool = True) -> Any:
    row = await store.newest(uow.session, guide_id, or_draft=or_draft, lock=True)
    if row is None and not or_draft:
        row = await store.newest(uow.session, guide_id, lock=True)  # only a draft: no such step
    if row is None or row.organ_code not in actor.organs:
        raise NotFound(NO_GUIDE)
    if actor.version is not None and actor.version != row.revision:
        raise StaleVersion("内容已被他人更新，请刷新后再试", revision=row.revision)
    return row


async def _add(uow: UnitOfWork, actor: Actor, values: dict[str, Any], content: Content) -> None:
    written = {"state": str(GuideState.DRAFT), "drafted_by": actor.person}
    await store.add(uow, values | written | _columns(content))
    _note(uow, "drafted", values["guide_id"], values["version"], actor)


def _columns(content: Content) -> dict[str, Any]:
    return asdict(content) | {"kind": str(content.kind)}


def _placed(uow: UnitOfWork, organ_code: str, content: Content) -> Content:
    """The content with its division, which the organ's own division holds."""
    content.check()
    if uow.reference.categories.get(content.category_code) is None:
        raise Invalid("没有这个内容分类", field="category_code")
    organ = uow.reference.organs.get(organ_code)
    if organ is None:
        raise Invalid("没有这个机关单位", field="organ_code")
    if not content.division_code:
        return replace(content, division_code=organ.division_code)
    known = uow.reference.divisions.current(content.division_code, uow.clock.today())
    if known is None or not uow.reference.divisions.contains(organ.division_code, known.code):
        raise Invalid("区划须在本机关所在区划之内", field="division_code")
    return replace(content, division_code=known.code)


def _note(uow: UnitOfWork, what: str, guide_id: UUID, version: int, actor: Actor) -> None:
    uow.audit(f"guide.{what}", f"guide/{guide_id}", actor=actor.person, version=version)
