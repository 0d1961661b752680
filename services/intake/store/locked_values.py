"""Everything intake stores under the keys of the vault, wherever it lies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.store.answers import ANSWER
from services.intake.store.partners import SECRET
from services.intake.store.petitions import PETITION, VAULT

PAGE_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Locked:
    """A stored value with what it is bound to."""

    owner: str
    field: str
    stored: str


_Place = tuple[Table, str, str, str | None]
_PLACES: Sequence[_Place] = (
    (VAULT, "value", "petition_id", None),
    (SECRET, "value", "id", "secret"),
    (ANSWER, "answer", "key", "answer"),
)
"""Table, column of the value, column of its owner, name of the field where it never differs."""


async def not_under(session: AsyncSession, ids: Collection[str]) -> Locked | None:
    """A value whose key is none of these, None when there is none. Reads the whole tables."""
    for place in _PLACES:
        value = place[0].c[place[1]]
        other = [func.substr(value, 1, len(head)) != head for head in map(_head, ids)]
        if found := await _some(session, place, and_(*other) if other else None, 1):
            return found[0]
    return None


async def some_under(session: AsyncSession, key_id: str, *, most: int) -> list[Locked]:
    """A few values under one key."""
    found: list[Locked] = []
    for place in _PLACES:
        value, head = place[0].c[place[1]], _head(key_id)
        found += await _some(session, place, func.substr(value, 1, len(head)) == head, most)
    return found[:most]


async def all_locked(session: AsyncSession) -> AsyncIterator[Locked]:
    """Every stored value, without holding them all."""
    for place in _PLACES:
        rows = await session.stream(_query(place).execution_options(yield_per=PAGE_ROWS))
        async for row in rows:
            yield _locked(place, row)


async def newest_answers(session: AsyncSession, most: int) -> list[Locked]:
    """Receipts that were kept last."""
    place = _PLACES[2]
    return await _some_of(
        session, place, _query(place).order_by(ANSWER.c.stored_at.desc()).limit(most)
    )


async def code_hash_of(session: AsyncSession, number: str) -> str | None:
    """The hash of the query code of a petition."""
    found: str | None = await session.scalar(
        select(PETITION.c.code_hash).where(PETITION.c.number == number)
    )
    return found


async def has_codes(session: AsyncSession) -> bool:
    """Whether any petition has a query code."""
    some = select(PETITION.c.id).where(PETITION.c.code_hash.is_not(None)).limit(1)
    return await session.scalar(some) is not None


def key_id_of(stored: str) -> str:
    """The id of the key a stored value says it is under; the whole text where it says none."""
    parts = stored.split(".", 2)
    return parts[1] if len(parts) == 3 else stored  # noqa: PLR2004  version, id, body


def _head(key_id: str) -> str:
    return f"v1.{key_id}."


def _query(place: _Place) -> Select[Any]:
    table, value, owner, field = place
    return select(table.c[owner], *([] if field else [table.c.field]), table.c[value])


async def _some(
    session: AsyncSession, place: _Place, where: ColumnElement[bool] | None, most: int
) -> list[Locked]:
    query = _query(place).limit(most)
    return await _some_of(session, place, query if where is None else query.where(where))


async def _some_of(session: AsyncSession, place: _Place, query: Select[Any]) -> list[Locked]:
    return [_locked(place, row) for row in await session.execute(query)]


def _locked(place: _Place, row: Row[Any]) -> Locked:
    values = [str(value) for value in row]
    return Locked(values[0], place[3] or values[1], values[-1])
