"""Everything intake stores under the keys of the vault, wherever it lies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.partners.store.partners import SECRET
from services.intake.petitions.store.answers import ANSWER
from services.intake.petitions.store.petitions import PETITION, VAULT

PAGE_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Locked:
    """A stored value with what it is bound to."""

    owner: str
    field: str
    stored: str


_Place = tuple[Table, str, str | None]
_PLACES: Sequence[_Place] = (
    (VAULT, "value", None),
    (SECRET, "value", "secret"),
    (ANSWER, "answer", "answer"),
)
"""Table, column of the value, name of the field where it never differs. The first column of the
primary key is the owner, the second the field where there is one."""


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
    """Every stored value, page by page."""
    for place in _PLACES:
        keys = [*place[0].primary_key.columns]
        query = _query(place).order_by(*keys).limit(PAGE_ROWS)
        page = (await session.execute(query)).all()
        while page:
            for row in page:
                yield _locked(place, row)
            last = [literal(value, key.type) for value, key in zip(page[-1], keys, strict=False)]
            after = query.where(tuple_(*keys) > tuple_(*last))
            page = (await session.execute(after)).all()


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
    return select(*place[0].primary_key.columns, place[0].c[place[1]])


async def _some(
    session: AsyncSession, place: _Place, where: ColumnElement[bool] | None, most: int
) -> list[Locked]:
    query = _query(place).limit(most)
    return await _some_of(session, place, query if where is None else query.where(where))


async def _some_of(session: AsyncSession, place: _Place, query: Select[Any]) -> list[Locked]:
    return [_locked(place, row) for row in await session.execute(query)]


def _locked(place: _Place, row: Row[Any]) -> Locked:
    values = [str(value) for value in row]
    return Locked(values[0], place[2] or values[1], values[-1])
