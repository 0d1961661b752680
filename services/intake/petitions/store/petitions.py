"""Writing and finding petitions. Every function is one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Table, and_, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.petitions.store.tables import Petition, Progress, Step, Words
from services.intake.vault.store.tables import Vault
from shared.db.accused import accuses
from shared.db.engine import insert_into
from shared.db.many import OnConflict, insert_many

PETITION: Table = Petition.__table__  # type: ignore[attr-defined]
WORDS: Table = Words.__table__  # type: ignore[attr-defined]
VAULT: Table = Vault.__table__  # type: ignore[attr-defined]
PROGRESS: Table = Progress.__table__  # type: ignore[attr-defined]
STEP: Table = Step.__table__  # type: ignore[attr-defined]


async def add_petitions(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Insert rows; the ids of those that went in. A row whose number or source identity is taken
    stays out."""
    leave = OnConflict()
    return set(await insert_many(session, PETITION, rows, conflict=leave, returning="id"))


async def known_source_ids(session: AsyncSession, source: str, ids: Sequence[str]) -> set[str]:
    """Which of these rows of a source are here already."""
    found = await session.scalars(
        select(PETITION.c.source_id).where(
            PETITION.c.source == source, PETITION.c.source_id.in_(ids)
        )
    )
    return set(found)


async def by_number(session: AsyncSession, number: str) -> dict[str, Any] | None:
    """A petition with the state of its case, by its number."""
    found = await session.execute(_with_progress().where(PETITION.c.number == number))
    return _plain(found.mappings().one_or_none())


async def matter_of_number(session: AsyncSession, number: str) -> UUID | None:
    """The matter of the petition with this number."""
    found: UUID | None = await session.scalar(
        select(PETITION.c.matter_id).where(PETITION.c.number == number)
    )
    return found


async def handler_of_matter(session: AsyncSession, matter_id: UUID) -> str | None:
    """The organ that has the case of a matter or had it last, as far as routing told."""
    found: str | None = await session.scalar(
        select(PROGRESS.c.organ_code)
        .join(PETITION, PETITION.c.id == PROGRESS.c.petition_id)
        .where(PETITION.c.matter_id == matter_id)
        .order_by(PETITION.c.id)
        .limit(1)
    )
    return found


async def ordinary_petition(
    session: AsyncSession, petition_id: UUID, visible: ColumnElement[bool]
) -> dict[str, Any] | None:
    """A petition that is not sealed, with words and progress, if the condition lets it be seen."""
    found = await session.execute(
        _with_words().where(PETITION.c.id == petition_id, ~PETITION.c.sealed, visible)
    )
    return _plain(found.mappings().one_or_none())


async def ordinary_petitions(
    session: AsyncSession, conditions: Sequence[ColumnElement[bool]], *, limit: int
) -> Sequence[RowMapping]:
    """Petitions that are not sealed, newest first; at most `limit` rows."""
    found = await session.execute(
        _with_words()
        .where(~PETITION.c.sealed, *conditions)
        .order_by(PETITION.c.id.desc())
        .limit(limit)
    )
    return found.mappings().all()


def not_hidden(organs: Collection[str]) -> ColumnElement[bool]:
    """Condition on `petition`: no accusation of one of these organs. With the reader's organs, all
    they are under, and the marks of these, the accused unit and those under it learn nothing of it
    (Art. 30(3)). What routing decided of the case counts before what was filed."""
    told = PROGRESS.alias("told")  # whatever else the query joins
    of_case = exists().where(told.c.petition_id == PETITION.c.id)
    by_case = of_case.where(told.c.hidden_from.is_not(None), accuses(told.c.hidden_from, organs))
    filed = and_(PETITION.c.hidden_from.is_not(None), accuses(PETITION.c.hidden_from, organs))
    return and_(~by_case, ~and_(filed, ~of_case))


async def unsettled_petitions(session: AsyncSession, *, limit: int) -> Sequence[RowMapping]:
    """Sealed petitions of which it is not settled before whom they lie, locked."""
    found = await session.execute(
        select(PETITION)
        .where(PETITION.c.sealed, PETITION.c.opener.is_(None))
        .order_by(PETITION.c.id)
        .limit(limit)
        .with_for_update()
    )
    return found.mappings().all()


async def sealed_petitions(
    session: AsyncSession, seen: ColumnElement[bool], *, before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Sealed petitions the condition lets see, newest first."""
    query = select(PETITION).where(PETITION.c.sealed, seen)
    if before is not None:
        query = query.where(PETITION.c.id < before)
    found = await session.execute(query.order_by(PETITION.c.id.desc()).limit(limit))
    return found.mappings().all()


async def sealed_petition(
    session: AsyncSession, sealed_id: UUID, seen: ColumnElement[bool]
) -> dict[str, Any] | None:
    """One sealed petition by its opaque id, locked, if the condition lets it be seen."""
    query = select(PETITION).where(PETITION.c.sealed_id == sealed_id, PETITION.c.sealed, seen)
    found = await session.execute(query.with_for_update())
    return _plain(found.mappings().one_or_none())


async def change_petition(
    session: AsyncSession, petition_id: UUID, values: Mapping[str, Any]
) -> None:
    """Set columns of one petition."""
    await session.execute(update(PETITION).where(PETITION.c.id == petition_id).values(dict(values)))


async def vault_values(session: AsyncSession, petition_id: UUID) -> dict[str, str]:
    """The encrypted fields of one petition."""
    found = await session.execute(
        select(VAULT.c.field, VAULT.c.value).where(VAULT.c.petition_id == petition_id)
    )
    return {row.field: row.value for row in found}


async def steps_of(session: AsyncSession, petition_id: UUID) -> Sequence[RowMapping]:
    """The way of a petition, oldest step first."""
    found = await session.execute(
        select(STEP)
        .where(STEP.c.petition_id == petition_id)
        .order_by(STEP.c.epoch, STEP.c.sequence)
    )
    return found.mappings().all()


async def keep_progress(
    session: AsyncSession, states: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]]
) -> None:
    """Take over states of cases (the higher rank wins) and their steps (each once)."""
    statement = insert_into(session, PROGRESS)
    newer = (PROGRESS.c.epoch < statement.excluded.epoch) | (
        (PROGRESS.c.epoch == statement.excluded.epoch)
        & (PROGRESS.c.sequence < statement.excluded.sequence)
    )
    changed = {
        name: getattr(statement.excluded, name)
        for name in ("case_id", "epoch", "sequence", "state", "organ_code", "hidden_from")
    }
    await session.execute(
        statement.values([dict(state) for state in states]).on_conflict_do_update(
            index_elements=["petition_id"], set_=changed, where=newer
        )
    )
    if not steps:  # nothing the petitioner is told of
        return
    await session.execute(
        insert_into(session, STEP).values([dict(step) for step in steps]).on_conflict_do_nothing()
    )


async def hourly_counts(
    session: AsyncSession, seen: ColumnElement[bool], *, since: datetime, until: datetime
) -> Sequence[RowMapping]:
    """Per hour of registration, of petitions the condition lets see: all, sealed now, imported."""
    found = await session.execute(
        select(
            PETITION.c.registered_hour.label("hour"),
            func.count().label("total"),
            func.count().filter(PETITION.c.sealed).label("sealed"),
            func.count()
            .filter(PETITION.c.source.is_not(None), PETITION.c.partner.is_(None))
            .label("imported"),
        )
        .where(PETITION.c.registered_hour >= since, PETITION.c.registered_hour < until, seen)
        .group_by(PETITION.c.registered_hour)
        .order_by(PETITION.c.registered_hour)
    )
    return found.mappings().all()


def _plain(row: RowMapping | None) -> dict[str, Any] | None:
    return {str(name): value for name, value in row.items()} if row is not None else None


def _with_progress() -> Any:
    joined = PETITION.outerjoin(PROGRESS, PROGRESS.c.petition_id == PETITION.c.id)
    return select(PETITION, PROGRESS.c.state, PROGRESS.c.organ_code).select_from(joined)


def _with_words() -> Any:
    joined = PETITION.join(WORDS, WORDS.c.petition_id == PETITION.c.id).outerjoin(
        PROGRESS, PROGRESS.c.petition_id == PETITION.c.id
    )
    return select(
        PETITION,
        WORDS.c.subject, WORDS.c.text, WORDS.c.place, WORDS.c.answer,
        PROGRESS.c.state, PROGRESS.c.organ_code,
    ).select_from(joined)  # fmt: skip
