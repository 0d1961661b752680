"""One round of the second checker: what was touched, what was wrong, and a stretch of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import Alarm
from services.supervision.verification import store as witness
from services.supervision.verification.domain.witness import Bench, Difference
from services.supervision.verification.store import Side, Subjects
from shared.db.engine import Database
from shared.db.unit_of_work import UnitOfWorkFactory
from shared.kernel.errors import Unavailable
from shared.vocabulary.duties import AlarmCode

log = structlog.get_logger()

TOUCHED = 500
"""Events looked at in one go; `GOES` of them at most in a round, the rest in the next."""
GOES = 10
STRETCH = 1000
"""Events and duties of the whole, looked at once in `EVERY`, round and round."""
EVERY = timedelta(seconds=60)
AT_ONCE = 50
MOST = 100
"""Groups known to be wrong that are kept in mind and looked at in each round."""


@dataclass(slots=True)
class Standing:
    """Where the checker stands: positions in the inbox (`tail`, `inbox`) and among the duties,
    the groups that are wrong; instants of the machine."""

    tail: int = 0
    inbox: int = 0
    duty: str = str(UUID(int=0))
    wrong: list[str] = field(default_factory=list)
    rolled_at: datetime | None = None
    beaten_at: datetime | None = None

    @classmethod
    def read(cls, noted: dict[str, Any]) -> Standing:
        """From its stored form."""
        standing = cls(**noted)
        for name in ("rolled_at", "beaten_at"):
            if written := noted.get(name):
                setattr(standing, name, datetime.fromisoformat(written))
        return standing

    def written(self) -> dict[str, Any]:
        """Its stored form."""
        return {
            "tail": self.tail,
            "inbox": self.inbox,
            "duty": self.duty,
            "wrong": self.wrong,
            "rolled_at": self.rolled_at.isoformat() if self.rolled_at else None,
            "beaten_at": self.beaten_at.isoformat() if self.beaten_at else None,
        }


@dataclass(slots=True)
class _Round:
    """What one round has looked at and found: subject of a group -> its differences."""

    seen: set[str] = field(default_factory=set)
    found: dict[str, list[Difference]] = field(default_factory=dict)


async def standing_of(database: Database) -> Standing:
    """Where the checker of this deployment stands."""
    async with database.reading() as session:
        return Standing.read(await witness.load_state(session))


async def check_round(
    database: Database, units: UnitOfWorkFactory, *, machine_now: datetime, business_now: datetime
) -> int:
    """Compare stored duties with raw events; the number of groups looked at.

    Looks at everything touched since the last round, at what was wrong, and once in EVERY at a
    stretch of all events and all duties, so that its cost does not grow with what is stored.
    A difference counts when a second look finds it too: the first may have fallen between an
    event and its effect. Sounds an alarm per difference and clears those that are gone.
    """
    standing, done = await standing_of(database), _Round()
    if standing.wrong:
        await _look(database, units, Subjects.of(standing.wrong), business_now, done)
    for _ in range(GOES):
        if not await _follow(database, units, standing, business_now, done):
            break
    if standing.rolled_at is None or machine_now >= standing.rolled_at + EVERY:
        await _roll(database, units, standing, business_now, done)
        standing.rolled_at = machine_now
    standing.beaten_at = machine_now
    kept = [each for each in standing.wrong if each not in done.seen]
    standing.wrong = sorted({*kept, *done.found})[:MOST]
    await _report(units, standing, done, at=business_now)
    return len(done.seen)


async def _follow(
    database: Database,
    units: UnitOfWorkFactory,
    standing: Standing,
    now: datetime,
    done: _Round,
) -> bool:
    """Look at what came next; whether more is waiting. Waits for events not handled yet; what is
    held or parked longer is met again on the round of the whole."""
    async with database.reading() as session:
        rows = await witness.received_after(session, standing.tail, limit=TOUCHED)
    subjects: set[str] = set()
    for position, subject, state in rows:
        if state == "new":
            break
        standing.tail = position
        subjects.add(subject)
    await _look(database, units, Subjects.of(subjects), now, done)
    return len(rows) == TOUCHED and standing.tail == rows[-1][0]


async def _roll(
    database: Database,
    units: UnitOfWorkFactory,
    standing: Standing,
    now: datetime,
    done: _Round,
) -> None:
    async with database.reading() as session:
        rows = await witness.received_after(session, standing.inbox, limit=STRETCH)
        about, last = await witness.duties_after(session, UUID(standing.duty), limit=STRETCH)
    standing.inbox = rows[-1][0] if len(rows) == STRETCH else 0
    standing.duty = str(last or UUID(int=0))
    whole = Subjects.of([row[1] for row in rows]) | about
    await _look(database, units, whole.without(done.seen), now, done)


async def _look(
    database: Database,
    units: UnitOfWorkFactory,
    subjects: Subjects,
    now: datetime,
    done: _Round,
) -> None:
    for portion in _portions(subjects):
        once = await _differences(database, units, portion, now)
        done.seen |= portion.names | once.keys()
        suspect = [subject for subject, found in once.items() if found]
        if not suspect:
            continue
        again = await _differences(database, units, Subjects.of(suspect), now)
        for subject in suspect:
            if both := [each for each in again.get(subject, ()) if each in once[subject]]:
                done.found[subject] = both


def _portions(subjects: Subjects) -> Iterator[Subjects]:
    """Portions small enough that one look does not hold up the service."""
    left = sorted(subjects.names)
    for start in range(0, len(left), AT_ONCE):
        yield Subjects.of(left[start : start + AT_ONCE])


async def _differences(
    database: Database, units: UnitOfWorkFactory, subjects: Subjects, now: datetime
) -> dict[str, list[Difference]]:
    """Differences by group; a group agrees when it does under any edition of the limits."""
    reference = units.reference
    if reference is None:
        raise Unavailable("参考数据尚未载入")
    async with database.reading() as session:
        editions = await witness.tables_of_editions(session)
        sides = await witness.sides(session, subjects)
    organs = reference.organs

    def is_office(code: str) -> bool:
        organ = organs.get(code)
        return organ is not None and organ.petition_office

    benches = [
        Bench(
            tables=tables,
            zone=units.clock.zone,
            now=now,
            top=reference.root_petition_office,
            is_office=is_office,
        )
        for tables in editions
    ]
    return {side.subject: _least(benches, side) for side in sides}


def _least(benches: list[Bench], side: Side) -> list[Difference]:
    newest: list[Difference] = []
    for number, bench in enumerate(benches):
        found = bench.differences(side.group, side.stored)
        if not found:
            return []
        newest = newest if number else found
    return newest


async def _report(
    units: UnitOfWorkFactory, standing: Standing, done: _Round, *, at: datetime
) -> None:
    sounded = [
        Alarm(AlarmCode.DUTIES_DISAGREE, group[:80], detail=_words(found))
        for group, found in sorted(done.found.items())[:MOST]
    ]
    for alarm in sounded:
        log.error("duties.disagree", subject=alarm.subject, detail=alarm.detail)
    async with units.begin() as uow:
        await alarms.clear(uow.session, AlarmCode.DUTIES_DISAGREE, at=at, keep=standing.wrong)
        await alarms.sound(uow.session, sounded, at=at, standing=True)
        await witness.save_state(uow.session, standing.written())


def _words(found: list[Difference]) -> str:
    return "；".join(f"{each.subject} {each.what}" for each in found)[:300]
