"""Rows of papers' numbers."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from services.routing.tables import RoutingRow


class PaperNumberRow(RoutingRow, table=True):
    """The last number without a mark an organ gave in a year, kept of the releases that gave such
    numbers; one of them may still run beside a newer one while that is installed."""

    __tablename__ = "paper_number"

    organ_code: str = Field(primary_key=True, max_length=40)
    year: int = Field(primary_key=True)
    last: int


class PaperSeriesRow(RoutingRow, table=True):
    """The last serial of an organ's papers (文号) under a pattern in a year."""

    __tablename__ = "paper_series"

    organ_code: str = Field(primary_key=True, max_length=40)
    pattern: str = Field(primary_key=True, max_length=60)
    year: int = Field(primary_key=True)
    last: int


class PaperMarkRow(RoutingRow, table=True):
    """A mark (机关代字) in the numbers of papers and whose it is, for good; of several of an organ
    the one with the highest `ordinal` is in use."""

    __tablename__ = "paper_mark"
    __table_args__ = (UniqueConstraint("organ_code", "ordinal"),)

    mark: str = Field(primary_key=True, max_length=12)
    organ_code: str = Field(max_length=40)
    ordinal: int
