"""Papers owed to petitions, their templates and their way. Every function is one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Table, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.papers.store.tables import Paper, PaperTemplate
from services.intake.petitions.store.petitions import PETITION
from shared.db.engine import insert_into
from shared.papers.kinds import Template

PAPER: Table = Paper.__table__  # type: ignore[attr-defined]
TEMPLATE: Table = PaperTemplate.__table__  # type: ignore[attr-defined]


SAID = ("title", "template", "template_sha256", "slots")
"""Columns that only the event of a paper owed has."""


async def reachable(session: AsyncSession, petition_ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Known petitions: whether name and address are clear (Art. 23(2))."""
    found = await session.execute(
        select(PETITION.c.id, PETITION.c.notice_owed).where(
            PETITION.c.id.in_(list(petition_ids)), ~PETITION.c.sealed
        )
    )
    return {row.id: row.notice_owed for row in found}


async def add_papers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert papers; of one that is here already only what it says is taken, if told."""
    statement = insert_into(session, PAPER).values([dict(row) for row in rows])
    said = {name: func.coalesce(PAPER.c[name], statement.excluded[name]) for name in SAID}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["notice_id", "petition_id"], set_=said)
    )


async def keep_template(session: AsyncSession, template: Template) -> None:
    """Keep a template's text under its hash."""
    values = {"sha256": template.sha256, "text": template.text, "common": template.common}
    statement = insert_into(session, TEMPLATE).values(values)
    await session.execute(statement.on_conflict_do_nothing())


async def template_of(session: AsyncSession, sha256: str) -> Template | None:
    """The template with this hash, if it was kept."""
    found = await session.execute(select(TEMPLATE).where(TEMPLATE.c.sha256 == sha256))
    row = found.one_or_none()
    return Template(row.text, row.common) if row else None


async def settle(
    session: AsyncSession, notice_id: UUID, *, told_on: date, method: str | None
) -> None:
    """Nothing is left to do for the papers of a notice that was told."""
    await session.execute(
        update(PAPER)
        .where(PAPER.c.notice_id == notice_id, PAPER.c.delivered_on.is_(None))
        .values(delivered_on=told_on, method=method)
    )


async def to_send(
    session: AsyncSession,
    organs: Iterable[str],
    seen: ColumnElement[bool],
    *,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Open papers of these organs with the number of their petition, oldest first; `seen` is a
    condition on the petition."""
    query = (
        select(PAPER, PETITION.c.number.label("petition_number"))
        .join(PETITION, PETITION.c.id == PAPER.c.petition_id)
        .where(PAPER.c.delivered_on.is_(None), PAPER.c.organ_code.in_(sorted(organs)), seen)
        .order_by(PAPER.c.owed_on, PAPER.c.paper_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(PAPER.c.owed_on, PAPER.c.paper_id) > after)
    return (await session.execute(query)).mappings().all()


async def locked_notice(
    session: AsyncSession, paper_id: UUID, organs: Iterable[str], seen: ColumnElement[bool]
) -> Sequence[RowMapping]:
    """The papers of the notice a paper of these organs belongs to, locked until the transaction
    ends; none when there is no such paper, or `seen` does not hold of its petition."""
    of_notice = (
        select(PAPER.c.notice_id)
        .join(PETITION, PETITION.c.id == PAPER.c.petition_id)
        .where(PAPER.c.paper_id == paper_id, PAPER.c.organ_code.in_(sorted(organs)), seen)
    )
    found = await session.execute(
        select(PAPER)
        .where(PAPER.c.notice_id == of_notice.scalar_subquery())
        .order_by(PAPER.c.paper_id)
        .with_for_update()
    )
    return found.mappings().all()


async def change(session: AsyncSession, paper_id: UUID, values: Mapping[str, Any]) -> None:
    """Set columns of one paper."""
    await session.execute(update(PAPER).where(PAPER.c.paper_id == paper_id).values(dict(values)))


async def outstanding(session: AsyncSession, notice_id: UUID) -> int:
    """How many papers of a notice are open whose petitioner can be reached."""
    found = await session.scalar(
        select(func.count())
        .select_from(PAPER.join(PETITION, PETITION.c.id == PAPER.c.petition_id))
        .where(
            PAPER.c.notice_id == notice_id,
            PAPER.c.delivered_on.is_(None),
            PETITION.c.notice_owed,
        )
    )
    return found or 0


async def papers_of(session: AsyncSession, petition_id: UUID) -> Sequence[RowMapping]:
    """The papers of a petition, oldest first."""
    found = await session.execute(
        select(PAPER).where(PAPER.c.petition_id == petition_id).order_by(PAPER.c.ordinal)
    )
    return found.mappings().all()
