"""Reading and writing the kept sums, and filling them where cells are older than they."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    bindparam,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.facts import store as counts
from services.analytics.projection.store import META
from services.analytics.rollups.domain.cells import FIGURES, counted
from services.analytics.rollups.domain.documents import (
    DAY,
    MONTH,
    Place,
    Reading,
    Sums,
    changes,
    month_of,
)
from services.analytics.sources.store import slices
from services.analytics.summary.domain.figures import Period
from services.analytics.tables import KeptRow
from shared.db.engine import insert_into
from shared.db.many import OnConflict, insert_many

KEPT: Table = KeptRow.__table__  # type: ignore[attr-defined]
KEY = (KEPT.c.division, KEPT.c.grain, KEPT.c.first_day)
MARK, WHOLE, NOT_BEGUN = "kept_sums", "whole", ""
"""Key in `meta`, and its values: sums say all that cells say; nothing filled yet; otherwise the
first day of the month to be filled next."""


async def ensure_mark(session: AsyncSession) -> None:
    """Note in an empty database that sums are kept from the first petition on."""
    empty = await counts.span(session) is None
    statement = insert_into(session, META).values(key=MARK, value=WHOLE if empty else NOT_BEGUN)
    await session.execute(statement.on_conflict_do_nothing())


async def mark(session: AsyncSession) -> str:
    """How far the sums are filled."""
    return await session.scalar(select(META.c.value).where(META.c.key == MARK)) or NOT_BEGUN


async def apply(session: AsyncSession, changed: Mapping[Place, Sums]) -> None:
    """Add changes to the sums. The caller holds the gate, so nobody else adds meanwhile."""
    for places in slices(sorted(changed)):
        found = await session.execute(
            select(KEPT).where(tuple_(*KEY).in_([_key(place) for place in places]))
        )
        known = {Place(row.division, row.grain, row.first_day): row.sums for row in found}
        rows, empty = [], []
        for place in places:
            sums = Sums.of_text(known.get(place, "{}"))
            sums.merge(changed[place])
            text = sums.to_text()
            if text:
                rows.append(_values(place) | {"sums": text})
            elif place in known:
                empty.append({f"old_{name}": value for name, value in _values(place).items()})
        if rows:
            names = tuple(column.name for column in KEY)
            replacing = OnConflict(names, replaced=("sums",))
            await insert_many(session, KEPT, rows, conflict=replacing)
        if empty:
            same = (column == bindparam(f"old_{column.name}") for column in KEY)
            await session.execute(delete(KEPT).where(*same), empty)


async def fill_next(session: AsyncSession) -> bool:
    """Sum up one more month of facts; True while more is to do. The caller holds the gate.

    Months not reached yet may hold what was folded since; they are summed from nothing later."""
    at = await mark(session)
    if at == WHOLE:
        return False
    span = await counts.span(session)
    if at == NOT_BEGUN:
        await session.execute(delete(KEPT))
    month = month_of(date.fromisoformat(at) if at else span[0] if span else date.min)
    if span is None or month.first > span[1]:
        await set_mark(session, WHOLE)
        return False
    await session.execute(delete(KEPT).where(KEPT.c.first_day.between(month.first, month.last)))
    facts = await counts.facts_between(session, month.first, month.last)
    await apply(session, changes(counted(facts)))
    following = date.fromordinal(min(month.last.toordinal() + 1, date.max.toordinal()))
    await set_mark(session, following.isoformat() if month.last < date.max else WHOLE)
    return True


async def clear(session: AsyncSession) -> None:
    """Forget all sums: facts are counted anew from nothing, and they with them."""
    await session.execute(delete(KEPT))
    await set_mark(session, WHOLE)


async def set_mark(session: AsyncSession, value: str) -> None:
    """Note how far the sums are filled."""
    await session.execute(META.update().where(META.c.key == MARK).values(value=value))


def all_of(month: Period) -> Select[Any]:
    """Everything kept of a month as rows of the checker's statement: (kind of sum, text, zeros);
    kinds are those of `totals_by_kind`."""
    kind = func.length(KEPT.c.division).op("||", return_type=String)(KEPT.c.grain)
    return select(kind, KEPT.c.sums, *(literal(0) for _ in FIGURES)).where(
        KEPT.c.first_day.between(month.first, month.last)
    )


def part_of_summary(reading: Reading, split: str) -> Select[Any]:
    """The sums a question needs as rows of a summary's statement: the text stands as the key."""
    return select(literal(split), KEPT.c.sums, *(literal(0) for _ in FIGURES)).where(
        KEPT.c.division == reading.division, or_(false(), *_times(reading))
    )


def _times(reading: Reading) -> Iterator[ColumnElement[bool]]:
    spans = [(DAY, days) for days in reading.days]
    spans += [(MONTH, reading.months)] if reading.months else []
    for grain, period in spans:
        yield and_(KEPT.c.grain == grain, KEPT.c.first_day.between(period.first, period.last))


def _key(place: Place) -> tuple[str, str, date]:
    return (place.division, place.grain, place.first_day)


def _values(place: Place) -> dict[str, Any]:
    return dict(zip((column.name for column in KEY), _key(place), strict=True))
