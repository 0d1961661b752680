"""Conditions by which cases are searched, and their pages, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store.cases import CASE
from services.routing.cases.store.lists import SUMMARY
from services.routing.cases.store.petitions import PETITION
from services.routing.search_index.domain import pairs
from services.routing.search_index.store.index import CASE_TEXT
from shared.db.engine import is_server

A_PAIR = 2
"""A word of two is its own pair: the index alone finds it."""
LAST = chr(0x10FFFF)
"""Behind every character there is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; days are inclusive but `due_before`. Codes are a lowest and a highest,
    words are folded and must all occur. `None` and no words: whatever it is."""

    number: str | None = None
    organ_code: str | None = None
    categories: tuple[str, str] | None = None
    divisions: tuple[str, str] | None = None
    purpose: str | None = None
    state: str | None = None
    closing_kind: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    due_before: date | None = None
    words: Sequence[str] = ()


async def found(
    session: AsyncSession,
    wanted: Wanted,
    *,
    scope: ColumnElement[bool],
    with_title: ColumnElement[bool],
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """Cases of a scope that are wanted, newest first; their title where `with_title` holds."""
    title = case((with_title, CASE.c.title), else_=None).label("title")
    query = select(*SUMMARY, title).where(scope, *_conditions(wanted))
    if wanted.number is not None:
        query = query.where(_first(with_number(session, wanted.number), "numbered"))
    if wanted.words:
        query = query.where(_first(with_pairs(session, wanted.words), "worded"))
    if after is not None:
        query = query.where(CASE.c.case_id < after)
    query = query.order_by(CASE.c.case_id.desc())
    longer = [word for word in wanted.words if len(word) > A_PAIR]
    if longer:
        query = _in_text(session, query, longer)
    return (await session.execute(query.limit(limit))).all()


def _in_text(session: AsyncSession, query: Select[Any], words: Sequence[str]) -> Select[Any]:
    """Of these cases those in whose text the words stand. The offset keeps the engine from looking
    into texts before it knows which cases are wanted, newest first: texts cost more than rows."""
    cases = query.offset(0).subquery()
    stands = func.strpos if is_server(session) else func.instr
    found = and_(*(stands(CASE_TEXT.c.words, literal(word, Text)) > 0 for word in words))
    in_text = select(found).where(CASE_TEXT.c.case_id == cases.c.case_id).scalar_subquery()
    return select(cases).where(in_text).order_by(cases.c.case_id.desc())


def _first(cases: Select[Any], name: str) -> ColumnElement[bool]:
    """One of these cases, which the engine looks up by their own index and once: it guesses that a
    common word is soon found in any scope, and would read all texts where the scope has none."""
    found = cases.cte(name).prefix_with("MATERIALIZED")
    return CASE.c.case_id.in_(select(found.c.case_id))


def with_number(session: AsyncSession, begin: str) -> Select[Any]:
    """Cases of the petitions whose number begins so. No LIKE: a file ignores case in it, and % and
    _ are signs; the order is that of the bytes."""
    number = PETITION.c.number.collate("C" if is_server(session) else "BINARY")
    return select(PETITION.c.case_id).where(number.between(begin, begin + LAST))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    column = CASE.c
    conditions = [
        column[name] == getattr(wanted, name)
        for name in ("organ_code", "purpose", "state", "closing_kind")
        if getattr(wanted, name) is not None
    ]
    if wanted.categories is not None:
        conditions.append(column.category_code.between(*wanted.categories))
    if wanted.divisions is not None:
        conditions.append(column.division_code.between(*wanted.divisions))
    if wanted.received_from is not None:
        conditions.append(column.received_on >= wanted.received_from)
    if wanted.received_to is not None:
        conditions.append(column.received_on <= wanted.received_to)
    if wanted.due_before is not None:
        conditions.append(column.due_on < wanted.due_before)
    return conditions


def with_pairs(session: AsyncSession, words: Sequence[str]) -> Select[Any]:
    """Cases in whose text all pairs of the words stand, by the index."""
    wanted = sorted({pair for word in words for pair in pairs(word)})
    if is_server(session):
        array = func.string_to_array(CASE_TEXT.c.pairs, text("' '"), type_=ARRAY(Text))
        by_index: ColumnElement[bool] = array.contains(cast(wanted, ARRAY(Text)))
    else:
        rows = text("SELECT rowid FROM fts_case_text WHERE fts_case_text MATCH :pairs")
        by_index = CASE_TEXT.c.ordinal.in_(rows.bindparams(pairs=" ".join(wanted)))
    return select(CASE_TEXT.c.case_id).where(by_index)
