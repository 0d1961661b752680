"""Numbers of papers (文号): whose mark is whose, and the last serial of an organ, a pattern and a
year, counted up in the act's transaction: an act that fails leaves no gap."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table, func, select

from services.routing.papers.store.tables import PaperMarkRow, PaperSeriesRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork

PAPER_SERIES = cast(Table, PaperSeriesRow.__table__)  # type: ignore[attr-defined]
PAPER_MARK = cast(Table, PaperMarkRow.__table__)  # type: ignore[attr-defined]


async def next_serial(uow: UnitOfWork, organ_code: str, pattern: str, year: int) -> int:
    """The next serial, from 1; another act of the organ waits for it until this one is done."""
    statement = insert_into(uow.session, PAPER_SERIES).values(
        organ_code=organ_code, pattern=pattern, year=year, last=1
    )
    last = await uow.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["organ_code", "pattern", "year"],
            set_={"last": PAPER_SERIES.c.last + 1},
        ).returning(PAPER_SERIES.c.last)
    )
    return int(last or 1)


async def mark_of(uow: UnitOfWork, organ_code: str) -> str | None:
    """The mark in use of an organ that has one."""
    query = select(PAPER_MARK.c.mark).where(PAPER_MARK.c.organ_code == organ_code)
    found: str | None = await uow.session.scalar(
        query.order_by(PAPER_MARK.c.ordinal.desc()).limit(1)
    )
    return found


async def give_mark(uow: UnitOfWork, organ_code: str, marks: Iterable[str]) -> str | None:
    """The first of these marks that nobody else has, in use by the organ from now on; None where
    others have them all. A mark is never taken back: numbers carry it."""
    for mark in marks:
        newest = select(func.coalesce(func.max(PAPER_MARK.c.ordinal), 0)).where(
            PAPER_MARK.c.organ_code == organ_code
        )
        ordinal = int(await uow.session.scalar(newest) or 0) + 1
        statement = insert_into(uow.session, PAPER_MARK).values(
            mark=mark, organ_code=organ_code, ordinal=ordinal
        )
        # One of its own earlier marks comes into use again; what another holds is left alone.
        given = await uow.session.scalar(
            statement.on_conflict_do_update(
                index_elements=["mark"],
                set_={"ordinal": ordinal},
                where=PAPER_MARK.c.organ_code == organ_code,
            ).returning(PAPER_MARK.c.mark)
        )
        if given is not None:
            return mark
    return None
