"""What the second checker reads: raw envelopes of the inbox and stored duties, side by side."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.tables import TABLES, DutyRow, PetitionRow, table_of
from services.supervision.verification.domain.witness import Group
from services.supervision.verification.domain.witness_days import Tables
from shared.db.notes import read_note, write_note
from shared.reference.editions import Edition

INBOX, EDITION = TABLES.inbox, TABLES.edition
DUTY, PETITION = table_of(DutyRow), table_of(PetitionRow)
STATE_KEY = "witness"

_tables: dict[tuple[str, ...], list[Tables]] = {}
"""Parsed tables by the editions they were read from: editions never change."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """What to look at: ids of cases, and of petitions."""

    cases: frozenset[str] = frozenset()
    petitions: frozenset[str] = frozenset()

    def __or__(self, other: Subjects) -> Subjects:
        return Subjects(self.cases | other.cases, self.petitions | other.petitions)

    @property
    def names(self) -> set[str]:
        """All of them as `case/<id>` and `petition/<id>`."""
        cases = {f"case/{each}" for each in self.cases}
        return cases | {f"petition/{each}" for each in self.petitions}

    def without(self, names: Collection[str]) -> Subjects:
        """Those that are not among `names`."""
        return self.of(self.names - set(names))

    @classmethod
    def of(cls, subjects: Collection[str]) -> Subjects:
        """From `case/<id>` and `petition/<id>`; others are left out."""
        pairs = [each.split("/", 1) for each in subjects]
        return cls(
            frozenset(each[1] for each in pairs if each[0] == "case"),
            frozenset(each[1] for each in pairs if each[0] == "petition"),
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One group with what is stored about it; `subject` names it."""

    subject: str
    group: Group
    stored: Sequence[Row[Any]]


async def received_after(
    session: AsyncSession, position: int, *, limit: int
) -> Sequence[tuple[int, str, str]]:
    """(position, subject, state) of inbox rows behind a position."""
    found = await session.execute(
        select(INBOX.c.position, INBOX.c.subject, INBOX.c.state)
        .where(INBOX.c.position > position)
        .order_by(INBOX.c.position)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in found]


async def duties_after(
    session: AsyncSession, duty_id: UUID, *, limit: int
) -> tuple[Subjects, UUID | None]:
    """What the next duties by id are about, and the last of them; None at the end."""
    found = (
        await session.execute(
            select(DUTY.c.duty_id, DUTY.c.subject_kind, DUTY.c.subject_id, DUTY.c.case_id)
            .where(DUTY.c.duty_id > duty_id)
            .order_by(DUTY.c.duty_id)
            .limit(limit)
        )
    ).all()
    about = Subjects(
        cases=frozenset(str(row.case_id) for row in found if row.case_id is not None)
        | frozenset(str(row.subject_id) for row in found if row.subject_kind == "case"),
        petitions=frozenset(str(row.subject_id) for row in found if row.subject_kind == "petition"),
    )
    return about, found[-1].duty_id if len(found) == limit else None


async def sides(session: AsyncSession, subjects: Subjects) -> list[Side]:
    """Raw facts and stored duties of everything these subjects belong to."""
    cases = subjects.cases | await _cases_of(session, subjects.petitions)
    told = await _told(session, [f"case/{each}" for each in cases])
    members = {
        petition
        for versions in told.values()
        for version in versions
        for petition in version["case"]["petition_ids"]
    }
    petitions = members | subjects.petitions
    known = await _told(session, [f"petition/{each}" for each in petitions])
    stored = await _stored(session, {UUID(each) for each in (*petitions, *cases)})
    result = []
    for case_id in sorted(cases):
        versions = tuple(each["case"] for each in told.get(f"case/{case_id}", ()))
        mine = versions[-1]["petition_ids"] if versions else ()
        group = Group(versions, _newest(known, mine))
        about = [case_id, *mine]
        result.append(Side(f"case/{case_id}", group, _of(stored, about)))
    alone = {each: Group((), _newest(known, [each])) for each in sorted(petitions - members)}
    result += [Side(f"petition/{each}", alone[each], _of(stored, [each])) for each in alone]
    return result


async def _cases_of(session: AsyncSession, petitions: Collection[str]) -> frozenset[str]:
    """Cases of petitions, from wherever a petition's case was noted; a wrong note is found when
    the case itself has its turn."""
    ids = [UUID(each) for each in petitions]
    if not ids:
        return frozenset()
    noted = await session.scalars(select(PETITION.c.case_id).where(PETITION.c.petition_id.in_(ids)))
    owed = await session.scalars(select(DUTY.c.case_id).where(DUTY.c.subject_id.in_(ids)))
    return frozenset(str(each) for each in (*noted, *owed) if each is not None)


async def _told(
    session: AsyncSession, subjects: Collection[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """The data of all handled events by subject, oldest first by rank."""
    found = await session.execute(
        select(INBOX.c.subject, INBOX.c.envelope)
        .where(INBOX.c.subject.in_(sorted(subjects)), INBOX.c.state == "done")
        .order_by(INBOX.c.subject, INBOX.c.epoch, INBOX.c.sequence)
    )
    told: dict[str, list[Mapping[str, Any]]] = {}
    for subject, envelope in found:
        told.setdefault(subject, []).append(json.loads(envelope)["data"])
    return told


async def _stored(session: AsyncSession, about: Collection[UUID]) -> dict[str, list[Row[Any]]]:
    """Duties by what they are about, superiors' duties included."""
    by_subject: dict[str, list[Row[Any]]] = {}
    ids = sorted(about)
    while ids:
        rows = (await session.execute(select(DUTY).where(DUTY.c.subject_id.in_(ids)))).all()
        for row in rows:
            by_subject.setdefault(str(row.subject_id), []).append(row)
        ids = sorted(row.duty_id for row in rows if row.subject_kind != "duty")
    return by_subject


def _newest(
    known: Mapping[str, Sequence[Mapping[str, Any]]], petitions: Collection[str]
) -> tuple[Mapping[str, Any], ...]:
    told = (known.get(f"petition/{each}") for each in petitions)
    return tuple(each[-1]["petition"] for each in told if each)


def _of(stored: Mapping[str, Sequence[Row[Any]]], subjects: Collection[str]) -> list[Row[Any]]:
    own = [row for each in dict.fromkeys(subjects) for row in stored.get(each, ())]
    return own + [row for each in own for row in stored.get(str(each.duty_id), ())]


async def tables_of_editions(session: AsyncSession) -> list[Tables]:
    """A table per edition of limits, newest first, each with all calendars:
    facts that came before an edition were judged by the one before it."""
    heads = await session.execute(
        select(EDITION.c.kind, EDITION.c.edition_id)
        .where(EDITION.c.kind.in_(("limits", "calendar")))
        .order_by(EDITION.c.effective_on.desc(), EDITION.c.edition_id.desc())
    )
    key = tuple(f"{kind}/{edition}" for kind, edition in heads)
    if key not in _tables:
        found = await session.execute(
            select(EDITION)
            .where(EDITION.c.kind.in_(("limits", "calendar")))
            .order_by(EDITION.c.effective_on.desc(), EDITION.c.edition_id.desc())
        )
        texts: dict[str, list[str]] = {"limits": [], "calendar": []}
        for row in found:
            edition = Edition.unpack(row.kind, row.edition_id, row.effective_on, row.content_xz)
            texts[row.kind].append(edition.files[f"{row.kind}.csv"])
        _tables.clear()
        _tables[key] = [Tables.read(limits, texts["calendar"]) for limits in texts["limits"]]
    return _tables[key]


async def load_state(session: AsyncSession) -> dict[str, Any]:
    """What the checker noted last, empty before its first round."""
    return await read_note(session, TABLES, STATE_KEY)


async def save_state(session: AsyncSession, state: Mapping[str, Any]) -> None:
    """Note where the checker stands and what it found."""
    await write_note(session, TABLES, STATE_KEY, state)
