"""One round of verification: what came since the last one, what was wrong, and a stretch of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.supervision.alarms import store as alarms
from services.supervision.alarms.store import Alarm
from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.store.duty_rows import duty_of
from services.supervision.facts.domain import WholeFacts
from services.supervision.facts.use_cases import case_facts, petition_facts
from services.supervision.tables import TABLES
from services.supervision.verification import store
from services.supervision.verification.domain import (
    DutyComparison,
    DutyDifference,
    VerifiedGroup,
)
from shared.contracts.intake import PetitionRegisteredV1
from shared.contracts.routing import CaseEvent
from shared.db.engine import Database
from shared.db.notes import read_note, write_note
from shared.db.unit_of_work import UnitOfWorkFactory
from shared.kernel.errors import Unavailable
from shared.kernel.workdays import local_date
from shared.messaging.retention import INBOX_SINCE, kept_since
from shared.reference.organs import Organs
from shared.vocabulary.duties import AlarmCode

log = structlog.get_logger()

NEW_EVENTS, BATCHES = 500, 10
"""Events followed in one batch, and batches in a round at most; the next round goes on there."""
STRETCH = 1000
"""Events and duties of all there are that are verified once in `EVERY`, from the first to the last
and over again: a round takes the same time however much is stored."""
EVERY = timedelta(seconds=60)
TOGETHER = 50
"""Subjects read at once, so that verification does not hold up the service."""
MOST_WRONG = 100
"""Wrong subjects that are kept in mind and verified in each round."""


@dataclass(slots=True)
class VerificationProgress:
    """How far verification came: last event followed, last event and duty of the present stretch,
    subjects that are wrong; instants of the machine."""

    followed: int = 0
    event: int = 0
    duty: str = str(UUID(int=0))
    wrong: list[str] = field(default_factory=list)
    stretch_at: str = "2000-01-01T00:00:00+00:00"
    verified_at: str | None = None


async def progress_of(session: AsyncSession) -> VerificationProgress:
    """How far the verification of this deployment came."""
    return VerificationProgress(**await read_note(session, TABLES, store.PROGRESS))


async def verify_round(
    database: Database, units: UnitOfWorkFactory, *, machine_now: datetime, business_now: datetime
) -> int:
    """Compare stored duties with raw events; the number of subjects verified.

    Raises an alarm for each subject with a difference and clears those of subjects that agree.
    Begins with the first event and goes on where the last round ended."""
    async with database.reading() as session:
        progress = await progress_of(session)
        done = _Round(database, *await _law(session, units, business_now))
    await done.verify(progress.wrong)
    for _ in range(BATCHES):
        if not await _follow(progress, done):
            break
    if machine_now >= datetime.fromisoformat(progress.stretch_at) + EVERY:
        await _verify_stretch(progress, done)
        progress.stretch_at = machine_now.isoformat()
    progress.verified_at = machine_now.isoformat()
    still = [each for each in progress.wrong if each not in done.verified]
    progress.wrong = sorted({*still, *done.wrong})[:MOST_WRONG]
    await _report(units, progress, done)
    return len(done.verified)


async def _law(
    session: AsyncSession, units: UnitOfWorkFactory, now: datetime
) -> tuple[DutyComparison, Organs]:
    if units.reference is None:
        raise Unavailable("参考数据尚未载入")
    limits, calendars = await store.rules(session)
    since = await kept_since(session, TABLES, INBOX_SINCE)
    comparison = DutyComparison(
        limits=limits,
        calendars=calendars,
        zone=units.clock.zone,
        now=now,
        top=units.reference.root_petition_office,
        kept_since=local_date(since, units.clock.zone) if since else None,
    )
    return comparison, units.reference.organs


@dataclass(slots=True)
class _Round:
    """The subjects verified in a round, and the differences of those that are wrong."""

    database: Database
    comparison: DutyComparison
    organs: Organs
    verified: set[str] = field(default_factory=set)
    wrong: dict[str, list[DutyDifference]] = field(default_factory=dict)

    async def verify(self, subjects: Iterable[str]) -> None:
        """Compare what these subjects belong to.

        A difference counts when a second look finds it too, which reads earlier facts as well: the
        first may fall between an event and its effect, and reads the newest facts alone."""
        left = sorted(set(subjects) - self.verified)  # cases first: they cover their petitions
        for start in range(0, len(left), TOGETHER):
            portion = [each for each in left[start : start + TOGETHER] if each not in self.verified]
            once = await self._look(portion, earlier=False) if portion else {}
            self.verified |= {*portion, *once}
            suspects = [subject for subject, found in once.items() if found]
            again = await self._look(suspects, earlier=True) if suspects else {}
            for subject, found in again.items():
                if both := [each for each in found if each in once.get(subject, ())]:
                    self.wrong[subject] = both

    async def _look(
        self, subjects: Sequence[str], *, earlier: bool
    ) -> dict[str, list[DutyDifference]]:
        async with self.database.reading() as session:
            groups = await _groups(session, subjects, self.organs, earlier=earlier)
        members = (each for group in groups.values() for each in group.petition_ids)
        self.verified |= {f"petition/{each}" for each in members}
        return {subject: self.comparison.differences(group) for subject, group in groups.items()}


async def _follow(progress: VerificationProgress, done: _Round) -> bool:
    """Verify what came next; whether more is waiting.

    Waits for events not handled yet; one that is held or parked is met again in a later stretch."""
    async with done.database.reading() as session:
        rows = await store.received_after(session, progress.followed, limit=NEW_EVENTS)
    handled = list(takewhile(lambda row: row[2] != "new", rows))
    progress.followed = handled[-1][0] if handled else progress.followed
    await done.verify(row[1] for row in handled)
    return len(handled) == NEW_EVENTS


async def _verify_stretch(progress: VerificationProgress, done: _Round) -> None:
    async with done.database.reading() as session:
        rows = await store.received_after(session, progress.event, limit=STRETCH)
        about, last = await store.duties_after(session, UUID(progress.duty), limit=STRETCH)
    progress.event = rows[-1][0] if len(rows) == STRETCH else 0
    progress.duty = str(last or UUID(int=0))
    await done.verify({row[1] for row in rows} | about)


async def _report(units: UnitOfWorkFactory, progress: VerificationProgress, done: _Round) -> None:
    at, agree, raised = done.comparison.now, sorted(done.verified - done.wrong.keys()), []
    for subject, found in sorted(done.wrong.items())[:MOST_WRONG]:
        detail = "；".join(f"{each.subject} {each.sentence}" for each in found)[:300]
        log.error("duties.disagree", subject=subject, detail=detail)
        raised.append(Alarm(AlarmCode.DUTIES_DISAGREE, subject[:80], detail=detail))
    async with units.begin() as uow:
        await alarms.clear(uow.session, AlarmCode.DUTIES_DISAGREE, at=at, only=agree)
        await alarms.raise_alarms(uow.session, raised, at=at, standing=True)
        await write_note(uow.session, TABLES, store.PROGRESS, asdict(progress))


async def _groups(
    session: AsyncSession, subjects: Sequence[str], organs: Organs, *, earlier: bool
) -> dict[str, VerifiedGroup]:
    """Everything these cases and petitions belong to, by its case or its petition; with `earlier`,
    the facts before the newest as well."""
    asked = _ids(subjects, "petition")
    cases = _ids(subjects, "case") | await store.cases_of(session, asked)
    told = await store.handled_events(session, CaseEvent, cases, earlier=earlier)
    members = {each for events in told.values() for one in events for each in one.case.petition_ids}
    registered = await store.handled_events(session, PetitionRegisteredV1, asked | members)
    known = {each: petition_facts(events[-1], organs) for each, events in registered.items()}
    rows = await store.duty_rows(session, cases | asked | members)
    groups = {}
    for each in sorted(cases):
        facts = [WholeFacts.of_case(case_facts(one.case), known) for one in told.get(each, ())]
        mine = facts[-1].case.petition_ids if facts and facts[-1].case else ()
        groups[f"case/{each}"] = _group(facts, (each, *mine), rows)
    for each in sorted(asked - members):
        alone = [WholeFacts(petitions=(known[each],))] if each in known else []
        groups[f"petition/{each}"] = _group(alone, (each,), rows)
    return groups


def _group(
    facts: Sequence[WholeFacts], about: Sequence[UUID], rows: Mapping[UUID, Sequence[Row[Any]]]
) -> VerifiedGroup:
    own = [row for each in dict.fromkeys(about) for row in rows.get(each, ())]
    above = [row for each in own for row in rows.get(each.duty_id, ())]
    duties = {row.duty_id: _duty(row) for row in (*own, *above)}
    return VerifiedGroup(
        facts=facts,
        stored=[duty for duty in duties.values() if duty is not None],
        unreadable=[each for each, duty in duties.items() if duty is None],
    )


def _duty(row: Row[Any]) -> Duty | None:
    """The duty a row holds; None where its values are none a duty can have, or not those its id is
    made of."""
    try:
        duty = duty_of(row)
    except (TypeError, ValueError):
        return None
    return duty if duty.key.duty_id == row.duty_id else None


def _ids(subjects: Iterable[str], kind: str) -> set[UUID]:
    pairs = (subject.partition("/") for subject in subjects)
    return {UUID(each) for name, _, each in pairs if name == kind}
