"""Rows of a history whose source id is here already: the same again, or other words (0047)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.desk.use_cases import Desk
from services.intake.history.domain.history import HistoricalPetition, other_parts
from services.intake.history.store import kept_rows


def content_digest(desk: Desk, petition: HistoricalPetition) -> str:
    """Keyed digest of what a row says: words and days as they were read, not as they were typed,
    so that the same row saved by another program is the same."""
    said = [
        petition.subject, petition.text, petition.answer,
        petition.received_on.isoformat(),
        petition.answered_on and petition.answered_on.isoformat(),
    ]  # fmt: skip
    return desk.digest("history-row", json.dumps(said, ensure_ascii=False))


async def refused_again(
    session: AsyncSession, desk: Desk, petitions: Mapping[int, HistoricalPetition]
) -> dict[int, str]:
    """Reasons against those whose source id is kept under other words; the rest are duplicates.

    Rows taken over before digests were kept are compared with their masked words."""
    if not petitions:
        return {}
    source = next(iter(petitions.values())).source
    ids = sorted({each.source_id for each in petitions.values()})
    kept = await kept_rows(session, source, ids)
    refused: dict[int, str] = {}
    for at, petition in petitions.items():
        first = kept.get(petition.source_id)
        if first is None:
            refused[at] = "登记编号偶然相同，没有登记；请再导入一次"
        elif first.digest != content_digest(desk, petition):
            others = other_parts(petition, first)
            if others or first.digest is not None:
                refused[at] = f"该来源编号已经登记，但{'、'.join(others) or '隐去的文字'}不同"
    return refused
