"""Keeping the words by which cases are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.search_index.domain import folded, pairs
from services.routing.search_index.store.tables import CaseTextRow
from shared.db.many import OnConflict, insert_many

CASE_TEXT = cast(Table, CaseTextRow.__table__)  # type: ignore[attr-defined]
_REPLACED = OnConflict(("case_id",), replaced=("words", "pairs"))


async def keep_words(
    session: AsyncSession, cases: Iterable[tuple[UUID, Mapping[str, Any]]]
) -> None:
    """Make cases, each once with its title, text and place, found by these words from now on."""
    rows = []
    for case_id, shown in cases:
        words = folded(shown["title"], shown["text"], shown["place"])
        rows.append({"case_id": case_id, "words": words, "pairs": " ".join(pairs(words))})
    await insert_many(session, CASE_TEXT, rows, conflict=_REPLACED)
