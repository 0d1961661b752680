"""Papers for petitioners: filled in from the vault under a grant, sealed by hash, delivered.

Routing says what a paper says, only intake knows to whom (decisions 9). The PDF is not kept: equal
values give equal bytes, so it is made again whenever it is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping

from services.intake.desk.use_cases import Desk
from services.intake.masking.use_cases import mask_for_stored
from services.intake.papers.domain import NotMade, addressee, delivery_day
from services.intake.papers.store import papers as store
from services.intake.petitions.outgoing import publish_delivered
from services.intake.petitions.store.petitions import vault_values
from services.intake.reveals.use_cases.grants import Attempt, Refusal, admit, note, refuse
from services.intake.reveals.use_cases.revealing import TOO_WEAK, is_strong_login
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, NotFound, Unavailable
from shared.papers.errors import NotPrintable
from shared.papers.filling import compose
from shared.papers.pdf import to_pdf
from shared.vocabulary.posts import GrantPurpose
from shared.web.security import Caller
from shared.web.tokens import Strength

UNKNOWN: Final = "没有这份文书"


@dataclass(frozen=True, slots=True)
class Made:
    """A paper as it goes out; `sha256` is the seal kept of it, hex."""

    pdf: bytes
    sha256: str
    ordinal: int


async def make(
    uow: UnitOfWork,
    desk: Desk,
    paper_id: UUID,
    seen: ColumnElement[bool],
    *,
    grant: str,
    caller: Caller,
    strength: Strength,
) -> Made | Refusal:
    """Fill in name and address under a grant to deliver, and seal the PDF. The vault is opened for
    it, so it takes what a reveal takes and is logged as one.

    Raises NotFound for a paper that is not of the caller's organs or whose petition `seen`, a
    condition, does not let see, Conflict for one delivered,
    NotPrintable, PetitionerIncomplete, and what a paper refuses to show."""
    papers = await store.locked_notice(uow.session, paper_id, caller.scope.organs, seen)
    paper = _one(papers, paper_id)
    if paper["template"] is None:
        raise NotPrintable("这种文书没有模板，请手工制作")
    attempt = Attempt(
        caller=caller,
        grant=grant,
        purpose=GrantPurpose.DELIVER,
        petition_id=paper["petition_id"],
        item=f"petition/{paper['petition_id']}",
        needs_case=True,
    )
    if not is_strong_login(desk, strength):
        return refuse(uow, desk, attempt, TOO_WEAK, why="weak_login")
    admitted = await admit(uow, desk, attempt)
    if isinstance(admitted, Refusal):
        return admitted
    people = await _people(uow, desk, paper["petition_id"])
    pdf = await _print(uow, paper, people)
    note(uow, admitted, hide=mask_for_stored(uow.reference, people))
    seal = sha256(pdf).hexdigest()
    sealed = {"sha256": seal, "made_at": uow.clock.now(), "made_by": caller.person}
    await store.change(uow.session, paper_id, sealed)
    uow.audit("paper.made", f"paper/{paper_id}", actor=caller.person, sha256=seal)
    return Made(pdf, seal, paper["ordinal"])


async def deliver(
    uow: UnitOfWork,
    desk: Desk,
    paper_id: UUID,
    seen: ColumnElement[bool],
    *,
    caller: Caller,
    method: str,
    refused: bool,
    proof: str | None,
    on: date | None,
) -> Mapping[str, Any]:
    """Record that a paper reached its petitioner, and report it with what proves it.

    Raises NotFound as `make` does, Conflict when it was delivered already, NotMade, Invalid for an
    impossible day."""
    papers = await store.locked_notice(uow.session, paper_id, caller.scope.organs, seen)
    paper = _one(papers, paper_id)
    if paper["template"] is not None and paper["sha256"] is None:
        raise NotMade("请先制作文书，再登记送达")
    day = delivery_day(on, owed_on=paper["owed_on"], today=uow.clock.today())
    people = await _people(uow, desk, paper["petition_id"])
    told = {
        "method": method,
        "refused": refused,
        "proof": mask_for_stored(uow.reference, people)(proof) if proof else None,
        "delivered_on": day,
    }
    await store.change(uow.session, paper_id, told)
    delivered = {**{str(name): value for name, value in paper.items()}, **told}
    left = await store.outstanding(uow.session, paper["notice_id"])
    publish_delivered(uow, delivered, person=caller.person, outstanding=left)
    uow.audit("paper.delivered", f"paper/{paper_id}", actor=caller.person, method=method)
    return delivered


async def copy_for_petitioner(uow: UnitOfWork, desk: Desk, petition_id: UUID, ordinal: int) -> Made:
    """A paper made for this petition, for whoever has its query code; noted as seen, which is no
    delivery. Raises NotFound for a paper that was not made."""
    papers = await store.papers_of(uow.session, petition_id)
    paper = next((each for each in papers if each["ordinal"] == ordinal), None)
    if paper is None or paper["sha256"] is None:
        raise NotFound("没有可下载的文书")
    pdf = await _print(uow, paper, await _people(uow, desk, petition_id))
    if paper["seen_at"] is None:
        await store.change(uow.session, paper["paper_id"], {"seen_at": uow.clock.now()})
    return Made(pdf, paper["sha256"], ordinal)


def _one(papers: Sequence[RowMapping], paper_id: UUID) -> RowMapping:
    found = next((each for each in papers if each["paper_id"] == paper_id), None)
    if found is None:
        raise NotFound(UNKNOWN)
    if found["delivered_on"] is not None:
        raise Conflict("该文书已登记送达")
    return found


async def _people(uow: UnitOfWork, desk: Desk, petition_id: UUID) -> list[dict[str, str]]:
    stored = (await vault_values(uow.session, petition_id)).get("petitioners")
    people: list[dict[str, str]] = desk.unlock(petition_id, "petitioners", stored) if stored else []
    return people


async def _print(uow: UnitOfWork, paper: RowMapping, people: Sequence[Mapping[str, str]]) -> bytes:
    """The PDF, in the words of the template it was owed with. Raises Unavailable while a newer
    routing has a template this program does not know."""
    template = await store.template_of(uow.session, paper["template_sha256"])
    if template is None:
        raise Unavailable("没有该文书所用的模板，请升级登记服务后再试")
    kind = template.read()
    filled = addressee(people, slots=frozenset(kind.slots))
    pages = compose(kind, {**paper["slots"], **filled})
    return await asyncio.to_thread(to_pdf, pages)
