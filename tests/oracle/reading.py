"""The oracle over everything there is: raw events by subject beside the rows of all duties."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from services.supervision.tables import TABLES, DutyRow, table_of
from shared.reference.editions import Edition
from shared.runtime.service import Service
from tests.oracle.comparison import Difference, Oracle, RawGroup, Stored
from tests.oracle.days import Tables
from tests.oracle.owed import Raw

INBOX, EDITION, DUTY = TABLES.inbox, TABLES.edition, table_of(DutyRow)


def groups(
    cases: Mapping[str, Sequence[Raw]], petitions: Mapping[str, Raw], rows: Iterable[Stored]
) -> Iterator[tuple[RawGroup, list[Stored]]]:
    """Each case with its petitions, each petition without a case, then whatever is left over, with
    the duties about them. `cases`: all facts that were told of each, oldest first."""
    about: dict[str, list[Stored]] = {}
    for row in rows:
        about.setdefault(str(row.subject_id), []).append(row)

    def taken(subjects: Iterable[str]) -> list[Stored]:
        own = [row for each in dict.fromkeys(subjects) for row in about.pop(each, ())]
        return own + [row for each in own for row in about.pop(str(each.duty_id), ())]

    alone = dict(petitions)
    for case_id, versions in cases.items():
        mine = versions[-1]["petition_ids"]
        known = tuple(petitions[each] for each in mine if each in petitions)
        for each in mine:
            alone.pop(each, None)
        yield RawGroup(tuple(versions), known), taken([case_id, *mine])
    for petition_id, petition in alone.items():
        yield RawGroup((), (petition,)), taken([petition_id])
    yield RawGroup((), ()), [row for left in about.values() for row in left]


async def oracle_finds(service: Service) -> list[Difference]:
    """All that the oracle finds in the database of a supervision service; a group agrees when it
    does under any edition of the limits."""
    async with service.database.reading() as session:
        handled = await session.execute(
            select(INBOX.c.subject, INBOX.c.envelope)
            .where(INBOX.c.state == "done")
            .order_by(INBOX.c.epoch, INBOX.c.sequence)
        )
        editions = (await session.execute(select(EDITION).order_by(EDITION.c.effective_on))).all()
        rows: Any = (await session.execute(select(DUTY))).all()
    cases: dict[str, list[Raw]] = {}
    petitions: dict[str, Raw] = {}
    for subject, envelope in handled:
        kind, _, subject_id = subject.partition("/")
        data = json.loads(envelope)["data"]
        if kind == "case":
            cases.setdefault(subject_id, []).append(data["case"])
        elif kind == "petition":
            petitions[subject_id] = data["petition"]
    texts: dict[str, list[str]] = {"limits": [], "calendar": []}
    for row in reversed(editions):
        if row.kind in texts:
            edition = Edition.unpack(row.kind, row.edition_id, row.effective_on, row.content_xz)
            texts[row.kind].append(edition.files[f"{row.kind}.csv"])
    organs = service.reference.organs

    def is_office(code: str) -> bool:
        organ = organs.get(code)
        return organ is not None and organ.petition_office

    oracles = [
        Oracle(
            tables=Tables.read(limits, texts["calendar"]),
            zone=service.clock.zone,
            now=service.clock.now(),
            top=service.reference.root_petition_office,
            is_office=is_office,
        )
        for limits in texts["limits"]
    ]
    found = []
    for group, stored in groups(cases, petitions, rows):
        by_edition = [each.differences(group, stored) for each in oracles]
        found += by_edition[0] if all(by_edition) else []
    return found
