"""Papers that routing owes to petitioners, to be filled in and delivered here (decisions 9)."""

from __future__ import annotations

from typing import Any

from services.intake.papers.store import papers as store
from services.intake.subscriptions import SUBSCRIPTIONS
from shared.contracts.papers import NoticeOwedV1, NoticeToldV1, PaperFacts
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.ids import new_id
from shared.messaging.subscriptions import Received
from shared.papers.kinds import packaged_templates


@SUBSCRIPTIONS.on(NoticeOwedV1)
async def take_paper(event: Received[NoticeOwedV1], uow: UnitOfWork) -> None:
    """Keep what is to be sent, and the text of its template. After news that it was told, which
    may come first, nothing is left to do."""
    data = event.data
    template = packaged_templates().get(data.template or "")
    if template is not None and template.sha256 == data.template_sha256:
        await store.keep_template(uow.session, template)
    written = {
        "title": data.title,
        "template": data.template,
        "template_sha256": data.template_sha256,
        "slots": data.values,
    }
    await _add(uow, data.paper, written)


@SUBSCRIPTIONS.on(NoticeToldV1)
async def end_papers(event: Received[NoticeToldV1], uow: UnitOfWork) -> None:
    """The paper reached the petitioner; by whose hand does not matter."""
    data = event.data
    told = {"delivered_on": data.told_on, "method": data.method}
    await _add(uow, data.paper, told)
    notice_id = data.paper.notice_id
    await store.settle(uow.session, notice_id, told_on=data.told_on, method=data.method)


async def _add(uow: UnitOfWork, paper: PaperFacts, values: dict[str, Any]) -> None:
    """One paper for each petition that is owed it, as far as it is not here."""
    plain = paper.model_dump(exclude={"petition_ids", "owed_always"})
    known = await store.reachable(uow.session, paper.petition_ids)
    rows = [
        _OPEN | plain | values | {"paper_id": new_id(), "petition_id": petition_id}
        for petition_id, is_clear in sorted(known.items())
        if is_clear or paper.owed_always
    ]
    if rows:
        await store.add_papers(uow.session, rows)


_OPEN = {
    "title": None, "template": None, "template_sha256": None, "slots": None, "sha256": None,
    "made_at": None,
    "made_by": None, "delivered_on": None, "method": None, "refused": False, "proof": None,
    "seen_at": None,
}  # fmt: skip
