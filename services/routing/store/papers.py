"""Numbers of papers (文号): one row of an organ and a year, counted up in the act's transaction."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from services.routing.store.tables import PaperNumberRow
from shared.db.engine import insert_into
from shared.db.unit_of_work import UnitOfWork

PAPER_NUMBER = cast(Table, PaperNumberRow.__table__)  # type: ignore[attr-defined]


async def next_number(uow: UnitOfWork, organ_code: str, year: int) -> str:
    """The organ's next number of the year, as it is printed: `〔2026〕17号`."""
    statement = insert_into(uow.session, PAPER_NUMBER).values(
        organ_code=organ_code, year=year, last=1
    )
    last = await uow.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["organ_code", "year"], set_={"last": PAPER_NUMBER.c.last + 1}
        ).returning(PAPER_NUMBER.c.last)
    )
    return f"〔{year}〕{last}号"
