"""Lists and figures of relief: keyset pages within what the caller's organs have a part in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.store.lists import not_about_hidden
from services.routing.relief.store.relief import ENTRY, FUND, PAYMENT, RELIEF

Key = tuple[str, int, str]
_SUMS = ("deposited", "reserved", "paid", "balance")


async def funds(
    session: AsyncSession,
    scope: ColumnElement[bool],
    *,
    year: int | None,
    source: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Funds in a scope, newest first."""
    query = select(FUND).where(scope)
    if year is not None:
        query = query.where(FUND.c.year == year)
    if source is not None:
        query = query.where(FUND.c.source == source)
    if after is not None:
        query = query.where(FUND.c.fund_id < after)
    return (await session.execute(query.order_by(FUND.c.fund_id.desc()).limit(limit))).all()


async def entries(
    session: AsyncSession, fund_id: UUID, *, before: int | None, limit: int
) -> Sequence[Row[Any]]:
    """The ledger of a fund, newest first."""
    query = select(ENTRY).where(ENTRY.c.fund_id == fund_id)
    if before is not None:
        query = query.where(ENTRY.c.ordinal < before)
    return (await session.execute(query.order_by(ENTRY.c.ordinal.desc()).limit(limit))).all()


def _applications(of_organs: Any, above: Collection[str]) -> Select[Any]:
    """Applications of the organs that ask or keep the fund; nobody else has a task in them. None in
    a case that is hidden from one of those `above`."""
    return (
        select(RELIEF, FUND.c.organ_code.label("keeper"))
        .join(FUND, FUND.c.fund_id == RELIEF.c.fund_id)
        .where(or_(of_organs(RELIEF.c.organ_code), of_organs(FUND.c.organ_code)))
        .where(not_about_hidden(RELIEF.c.case_id, above))
    )


async def applications(
    session: AsyncSession,
    of_organs: Any,
    *,
    above: Collection[str],
    state: str | None,
    case_id: UUID | None,
    fund_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Applications with the caller's organs, newest first. `of_organs` is of the scope."""
    query = _applications(of_organs, above)
    for column, wanted in (
        (RELIEF.c.state, state), (RELIEF.c.case_id, case_id), (RELIEF.c.fund_id, fund_id),
    ):  # fmt: skip
        if wanted is not None:
            query = query.where(column == wanted)
    if after is not None:
        query = query.where(RELIEF.c.application_id < after)
    query = query.order_by(RELIEF.c.application_id.desc()).limit(limit)
    rows: Sequence[Row[Any]] = (await session.execute(query)).all()
    return rows


async def application(
    session: AsyncSession, application_id: UUID, of_organs: Any, *, above: Collection[str]
) -> Row[Any] | None:
    """One application of the caller's organs, None when there is none."""
    query = _applications(of_organs, above).where(RELIEF.c.application_id == application_id)
    row: Row[Any] | None = (await session.execute(query)).one_or_none()
    return row


async def payments(session: AsyncSession, application_id: UUID) -> Sequence[Row[Any]]:
    """What was handed over on an application, first to last."""
    query = select(PAYMENT).where(PAYMENT.c.application_id == application_id)
    return (await session.execute(query.order_by(PAYMENT.c.ordinal))).all()


async def received_in(
    session: AsyncSession, case_id: UUID, *, after: tuple[UUID, int] | None, limit: int
) -> Sequence[Row[Any]]:
    """What was handed over in a case, in the order of applications."""
    query = (
        select(PAYMENT, RELIEF.c.kind, RELIEF.c.organ_code, RELIEF.c.description)
        .join(RELIEF, RELIEF.c.application_id == PAYMENT.c.application_id)
        .where(RELIEF.c.case_id == case_id)
    )
    keys = (PAYMENT.c.application_id, PAYMENT.c.ordinal)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    return (await session.execute(query.order_by(*keys).limit(limit))).all()


async def given_in(session: AsyncSession, case_id: UUID) -> tuple[int, int]:
    """Money and value of help in kind given in a case, in 分."""
    rows = await session.execute(
        select(RELIEF.c.kind, func.sum(RELIEF.c.given))
        .where(RELIEF.c.case_id == case_id)
        .group_by(RELIEF.c.kind)
    )
    given = {kind: int(amount) for kind, amount in rows}
    return given.get("money", 0), given.get("in_kind", 0)


async def figures(
    session: AsyncSession, scope: ColumnElement[bool], *, after: Key | None, limit: int
) -> list[dict[str, Any]]:
    """Sums by division, year and source in a scope of funds, with what was helped by them."""
    keys = (FUND.c.division_code, FUND.c.year, FUND.c.source)
    query = select(*keys, *_sums()).where(scope).group_by(*keys).order_by(*keys).limit(limit)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    rows = (await session.execute(query)).mappings().all()
    if not rows:
        return []
    first, last = (tuple(rows[n][c.name] for c in keys) for n in (0, -1))
    within = and_(tuple_(*keys) >= tuple_(*first), tuple_(*keys) <= tuple_(*last))
    helped = await session.execute(_helped(*keys).where(scope, within).group_by(*keys))
    found = {tuple(row[:3]): row for row in helped}
    return [
        {name: row[name] for name in ("division_code", "year", "source")}
        | _counted(row, found.get(tuple(row[c.name] for c in keys)))
        for row in rows
    ]


async def total(session: AsyncSession, scope: ColumnElement[bool]) -> dict[str, Any]:
    """The same over the whole scope; a case helped from two sources is one case here."""
    row = (await session.execute(select(*_sums()).where(scope))).mappings().one()
    return _counted(row, (await session.execute(_helped().where(scope))).one())


def _sums() -> list[Any]:
    return [func.coalesce(func.sum(FUND.c[name]), 0).label(name) for name in _SUMS]


def _helped(*keys: Any) -> Select[Any]:
    in_kind = case((RELIEF.c.kind == "in_kind", RELIEF.c.given), else_=0)
    return (
        select(
            *keys,
            func.count(RELIEF.c.case_id.distinct()).label("cases_helped"),
            func.coalesce(func.sum(in_kind), 0).label("in_kind"),
        )
        .select_from(RELIEF.join(FUND, FUND.c.fund_id == RELIEF.c.fund_id))
        .where(RELIEF.c.given > 0)
    )


def _counted(sums: Any, helped: Any) -> dict[str, Any]:
    """Sums come as decimals from a server; here they are whole again."""
    return {f"{name}_fen": int(sums[name]) for name in _SUMS} | {
        "in_kind_fen": int(helped.in_kind) if helped else 0,
        "cases_helped": helped.cases_helped if helped else 0,
    }
