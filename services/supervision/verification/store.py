"""What verification reads: raw events of the inbox, stored duties, and the editions of the law."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.tables import TABLES, DutyRow, PetitionRow, table_of
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.envelope import Envelope, EventData
from shared.db.many import one_of
from shared.kernel.errors import DomainError
from shared.kernel.workdays import Calendar
from shared.reference.calendar import read_calendar
from shared.reference.editions import Edition
from shared.reference.limits import Limits, read_limits
from shared.vocabulary.duties import SubjectKind

INBOX, EDITION = TABLES.inbox, TABLES.edition
DUTY, PETITION = table_of(DutyRow), table_of(PetitionRow)
PROGRESS = "verification"
EventT = TypeVar("EventT", bound=EventData)


async def received_after(
    session: AsyncSession, position: int, *, limit: int
) -> Sequence[tuple[int, str, str]]:
    """(position, subject, state) of the next rows of the inbox."""
    found = await session.execute(
        select(INBOX.c.position, INBOX.c.subject, INBOX.c.state)
        .where(INBOX.c.position > position)
        .order_by(INBOX.c.position)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in found]


async def duties_after(
    session: AsyncSession, duty_id: UUID, *, limit: int
) -> tuple[set[str], UUID | None]:
    """What the next duties by id are about, and the last of them; None at the end."""
    columns = DUTY.c.duty_id, DUTY.c.subject_kind, DUTY.c.subject_id, DUTY.c.case_id
    next_ones = select(*columns).where(DUTY.c.duty_id > duty_id)
    found = (await session.execute(next_ones.order_by(DUTY.c.duty_id).limit(limit))).all()
    subjects = {f"{row.subject_kind}/{row.subject_id}" for row in found}
    cases = {f"case/{row.case_id}" for row in found if row.case_id is not None}
    return subjects | cases, found[-1].duty_id if len(found) == limit else None


async def handled_events(
    session: AsyncSession, contract: type[EventT], ids: Collection[UUID], *, earlier: bool = False
) -> dict[UUID, list[EventT]]:
    """The newest event of a contract, or of those derived from it, about each of these; with
    `earlier`, all that are kept, oldest first."""
    types = {each.TYPE: each for each in CONTRACTS if issubclass(each, contract)}
    names = {f"{contract.SUBJECT}/{each}": each for each in ids}
    place = func.row_number().over(
        partition_by=INBOX.c.subject, order_by=(INBOX.c.epoch.desc(), INBOX.c.sequence.desc())
    )
    ranked = (
        select(INBOX.c.position, place.label("place"))
        .where(one_of(session, INBOX.c.subject, sorted(names)))
        .where(INBOX.c.state == "done", INBOX.c.type.in_(sorted(types)))
        .subquery()
    )
    query = (
        select(INBOX.c.subject, INBOX.c.envelope)
        .join(ranked, ranked.c.position == INBOX.c.position)
        .order_by(INBOX.c.subject, ranked.c.place.desc())
    )
    found: dict[UUID, list[EventT]] = {}
    for row in await session.execute(query if earlier else query.where(ranked.c.place == 1)):
        envelope = Envelope.parse(row.envelope)
        event = types[envelope.type].model_validate(envelope.data)
        found.setdefault(names[row.subject], []).append(event)
    return found


async def cases_of(session: AsyncSession, petitions: Collection[UUID]) -> set[UUID]:
    """Cases of petitions, from wherever a petition's case is noted; a wrong note is found when the
    case itself has its turn."""
    ids = sorted(petitions)
    noted = select(PETITION.c.case_id).where(one_of(session, PETITION.c.petition_id, ids))
    owed = select(DUTY.c.case_id).where(one_of(session, DUTY.c.subject_id, ids))
    found = await session.scalars(noted.union(owed)) if ids else ()
    return {each for each in found if each is not None}


async def duty_rows(
    session: AsyncSession, about: Collection[UUID]
) -> Mapping[UUID, Sequence[Row[Any]]]:
    """Rows of duties by what they are about, superiors' duties on them included."""
    by_subject: dict[UUID, list[Row[Any]]] = {}
    ids = sorted(about)
    while ids:
        rows = await session.execute(select(DUTY).where(one_of(session, DUTY.c.subject_id, ids)))
        ids = []
        for row in rows:
            by_subject.setdefault(row.subject_id, []).append(row)
            if row.subject_kind != SubjectKind.DUTY.value:
                ids.append(row.duty_id)
    return by_subject


async def rules(session: AsyncSession) -> tuple[list[Limits], list[Calendar]]:
    """Every edition of the limits and of the calendar, newest first: a duty may have been made by
    any of them. Without those this program refuses, by which it cannot have made any."""
    found = await session.execute(
        select(EDITION.c.kind, EDITION.c.content_xz)
        .where(EDITION.c.kind.in_(("limits", "calendar")))
        .order_by(EDITION.c.effective_on.desc(), EDITION.c.edition_id.desc())
    )
    parsed = [_parsed(kind, content_xz) for kind, content_xz in found]
    limits = [each for each in parsed if isinstance(each, Limits)]
    return limits, [each for each in parsed if isinstance(each, Calendar)]


@lru_cache(maxsize=64)
def _parsed(kind: str, content_xz: bytes) -> Limits | Calendar | None:
    text = Edition.unpack(kind, "", date.min, content_xz).files[f"{kind}.csv"]
    with suppress(DomainError):
        return read_limits(text) if kind == "limits" else read_calendar(text)
    return None
