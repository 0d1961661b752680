"""Rows taken over from a history, found again by their identity at the source."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.history.domain.history import KeptRow
from services.intake.petitions.store.petitions import PETITION, WORDS


async def kept_rows(session: AsyncSession, source: str, ids: Sequence[str]) -> dict[str, KeptRow]:
    """What is kept of these rows of a source, by source id."""
    found = await session.execute(
        select(
            PETITION.c.source_id, PETITION.c.content_digest,
            PETITION.c.received_on, PETITION.c.answered_on,
            WORDS.c.subject, WORDS.c.text, WORDS.c.answer,
        )
        .select_from(PETITION.outerjoin(WORDS, WORDS.c.petition_id == PETITION.c.id))
        .where(PETITION.c.source == source, PETITION.c.source_id.in_(ids))
    )  # fmt: skip
    return {
        row.source_id: KeptRow(
            row.subject, row.text, row.answer, row.received_on, row.answered_on, row.content_digest
        )
        for row in found
    }
