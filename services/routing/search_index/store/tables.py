"""The words of the cases as they are searched: a row per case.

The migration gives a server an index of the pairs as an array (`fts_case_text_pairs`), a file a
full-text table kept by triggers (`fts_case_text`). Neither stands in the metadata, which cannot say
them for one engine alone.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Column, ForeignKey, Text, Uuid
from sqlmodel import Field

from services.routing.tables import RoutingRow
from shared.db.engine import BIG_IDENTITY


class CaseTextRow(RoutingRow, table=True):
    """Folded title, text and place, and their pairs (domain/search_words.py) between blanks."""

    __tablename__ = "case_text"

    ordinal: int | None = Field(default=None, sa_column=Column(BIG_IDENTITY, primary_key=True))
    case_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("case_file.case_id"), nullable=False, unique=True)
    )
    words: str = Field(sa_type=Text)
    pairs: str = Field(sa_type=Text)
