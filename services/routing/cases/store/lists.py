"""Lists of cases: keyset pages on indexes, no counting on the way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    exists,
    literal,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store.cases import CASE, REFERRAL
from services.routing.cases.store.parts import PART
from shared.db.accused import accuses
from shared.vocabulary.cases import DecisionReason

SUMMARY = (
    *(CASE.c.case_id, CASE.c.number, CASE.c.state, CASE.c.version, CASE.c.purpose),
    *(CASE.c.category_code, CASE.c.division_code, CASE.c.received_by, CASE.c.received_on),
    *(CASE.c.decision_kind, CASE.c.decision_confidence, CASE.c.needs_person_reason),
    *(CASE.c.next_organ, CASE.c.organ_code, CASE.c.due_on, CASE.c.due_limit, CASE.c.closed_on),
    *(CASE.c.closing_kind, CASE.c.awaits),
)
LINE = (*(column.name for column in SUMMARY), "title")
"""Names of the columns of a list's rows; some lists have no title."""
_MOST = bindparam("most", type_=Integer)


async def todo(
    session: AsyncSession,
    organs: Collection[str],
    *,
    above: Collection[str],
    after: tuple[date, UUID] | None,
    state: str | None,
    limit: int,
) -> Sequence[Any]:
    """Open cases somebody of these organs must act on next, by due date, but for accusations of
    one of those `above`."""
    if not organs:
        return []
    values: dict[str, Any] = {f"organ{n}": code for n, code in enumerate(sorted(organs))}
    values |= {f"above{n}": code for n, code in enumerate(sorted(above))}
    sizes = len(organs), len(above)
    statement = _todo(*sizes, paged=after is not None, filtered=state is not None)
    if after is not None:
        values |= {"after_due": after[0], "after_id": after[1]}
    if state is not None:
        values["state"] = state
    found: Sequence[Any] = (await session.execute(statement, values | {"most": limit})).all()
    return found


@lru_cache(maxsize=64)
def _todo(organs: int, above: int, *, paged: bool, filtered: bool) -> Select[Any]:
    """The first of each organ off its index, then the first of those: with `IN` an engine would
    read and sort everything that is open."""
    lists = [_first_of(f"organ{n}", above, paged=paged, filtered=filtered) for n in range(organs)]
    if organs == 1:
        return lists[0]
    joined = union_all(*(select(each.subquery()) for each in lists)).subquery()
    return select(joined).order_by(joined.c.due_on, joined.c.case_id).limit(_MOST)


def _first_of(organ: str, above: int, *, paged: bool, filtered: bool) -> Select[Any]:
    query = select(*SUMMARY, CASE.c.title).where(
        CASE.c.state != "closed",
        CASE.c.next_organ == bindparam(organ),
        not_hidden([bindparam(f"above{n}", type_=String) for n in range(above)]),
    )
    if paged:
        after = (bindparam("after_due", type_=Date), bindparam("after_id", type_=Uuid))
        query = query.where(tuple_(CASE.c.due_on, CASE.c.case_id) > tuple_(*after))
    if filtered:
        query = query.where(CASE.c.state == bindparam("state"))
    return query.order_by(CASE.c.due_on, CASE.c.case_id).limit(_MOST)


async def newest(
    session: AsyncSession,
    scope: ColumnElement[bool],
    *,
    after: UUID | None,
    state: str | None,
    limit: int,
    with_title: bool,
) -> Sequence[Any]:
    """Cases in a scope, newest first."""
    query = select(*SUMMARY, *([CASE.c.title] if with_title else [])).where(scope)
    if after is not None:
        query = query.where(CASE.c.case_id < after)
    if state is not None:
        query = query.where(CASE.c.state == state)
    query = query.order_by(CASE.c.case_id.desc()).limit(limit)
    return (await session.execute(query)).all()


async def assisting(
    session: AsyncSession,
    scope: ColumnElement[bool],
    *,
    after: tuple[date, UUID] | None,
    state: str | None,
    limit: int,
) -> Sequence[Any]:
    """Cases in which an organ of the scope (a condition on `case_part`) still owes its part (会办),
    by the part's due date, which stands in place of the case's. The last column is the part."""
    own = {"due_on": PART.c.due_on, "due_limit": literal("part").label("due_limit")}
    query = (
        select(*(own.get(each.name, each) for each in SUMMARY), CASE.c.title, PART.c.part_id)
        .join(CASE, CASE.c.case_id == PART.c.case_id)
        .where(PART.c.answered_on.is_(None), PART.c.excused_on.is_(None), scope)
    )
    if after is not None:
        query = query.where(tuple_(PART.c.due_on, PART.c.part_id) > tuple_(*after))
    if state is not None:
        query = query.where(CASE.c.state == state)
    query = query.order_by(PART.c.due_on, PART.c.part_id).limit(limit)
    return (await session.execute(query)).all()


def involved(of_column: Any) -> ColumnElement[bool]:
    """Condition on `case_file`: an organ for which `of_column(column)` holds received it, decides
    on it, got a copy, has it or handled it, or has a part in it. An organ that gave it back or was
    excused has no task in it any more and sees it no longer. `of_column` is `scope.of_organs`."""
    held: Select[Any] = select(REFERRAL.c.case_id).where(
        REFERRAL.c.case_id == CASE.c.case_id,
        REFERRAL.c.state != "returned",
        of_column(REFERRAL.c.organ_code),
    )
    columns = (CASE.c.received_by, CASE.c.decider, CASE.c.copied_to)
    assisting: Select[Any] = select(PART.c.case_id).where(
        PART.c.case_id == CASE.c.case_id,
        PART.c.excused_on.is_(None),
        of_column(PART.c.organ_code),
    )
    return or_(*(of_column(column) for column in columns), exists(held), exists(assisting))


def not_hidden(above: Collection[Any]) -> ColumnElement[bool]:
    """Condition on `case_file`: no accusation of one of these organs (codes, or parameters), and
    nothing that may be one. With the reader's organs and all they are under, the accused unit and
    those under it see nothing of it (Art. 30(3))."""
    not_accused = or_(CASE.c.purpose != "accusation", ~_accused(above))
    return and_(not_accused, not_(_suspected(above)))


def not_about_hidden(case_id: Any, above: Collection[str]) -> ColumnElement[bool]:
    """Condition on rows that belong to a case by a column: not to a hidden one."""
    accusing = CASE.c.purpose == literal_column("'accusation'")  # plain, for the partial index
    hidden = select(CASE.c.case_id).where(accusing, _accused(above))
    suspected = select(CASE.c.case_id).where(_suspected(above))
    return and_(case_id.not_in(hidden), case_id.not_in(suspected))


def _accused(above: Collection[Any]) -> ColumnElement[bool]:
    columns = (CASE.c.complained_organ, CASE.c.also_accused)
    return or_(*(and_(column.is_not(None), accuses(column, above)) for column in columns))


def _suspected(above: Collection[Any]) -> ColumnElement[bool]:
    """A case that waits for a person to say whether its text accuses one of these organs, but for
    the office that says it."""
    organ, reason = CASE.c.suspected_organ, CASE.c.needs_person_reason
    return and_(
        organ.is_not(None),
        organ.in_(list(above)),
        reason.is_not_distinct_from(literal_column(f"'{DecisionReason.ACCUSED_IN_TEXT}'")),
        CASE.c.decider.not_in(list(above)),
    )


async def visible(
    session: AsyncSession, case_id: UUID, *, organs: Any, divisions: Any, above: Collection[str]
) -> tuple[Row[Any], bool] | None:
    """The whole row of a case the caller may see, and whether with its text.

    `organs` and `divisions` make conditions of columns; text only for organs involved; `above` are
    the caller's organs and all they are under.
    """
    inside = involved(organs)
    query = select(CASE, inside.label("is_involved")).where(
        and_(
            CASE.c.case_id == case_id,
            or_(inside, divisions(CASE.c.division_code)),
            not_hidden(above),
        )
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row, bool(row.is_involved))
