"""A paper of intake put in place by hand: made, not yet delivered."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from services.intake.papers.store.papers import PAPER, keep_template
from services.intake.petitions.store.petitions import PETITION
from shared.papers.kinds import packaged_templates
from tests.support.service import ServiceUnderTest

SLOTS = {
    "organ": "长沙市岳麓区城市管理和综合执法局", "number": "〔2026〕1号", "issued_on": "2026-03-02",
    "petition_number": "430104-260302-7G88-8273-H", "received_on": "2026-02-27",
    "accepted_on": "2026-03-02", "route": "信访程序",
}  # fmt: skip


async def put_paper(intake: ServiceUnderTest, number: str, organ: str) -> str:
    """An acceptance notice of an organ for a petition; its id."""
    template = packaged_templates()["acceptance"]
    paper_id = uuid.uuid4()
    async with intake.service.units.begin() as uow:
        query = select(PETITION.c.id).where(PETITION.c.number == number)
        petition_id = await uow.session.scalar(query)
        await keep_template(uow.session, template)
        values = {
            "paper_id": paper_id, "notice_id": uuid.uuid4(), "petition_id": petition_id,
            "case_id": uuid.uuid4(), "ordinal": 1, "kind": "acceptance",
            "title": "信访事项受理告知书", "number": SLOTS["number"], "organ_code": organ,
            "owed_on": intake.clock.today(), "template": "acceptance",
            "template_sha256": template.sha256, "slots": SLOTS, "sha256": "0" * 64,
            "refused": False,
        }  # fmt: skip
        await uow.session.execute(PAPER.insert().values(values))
    return str(paper_id)
