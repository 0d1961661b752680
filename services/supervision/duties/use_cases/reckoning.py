"""What was filed under a faulty edition of the limits gets its duties when a right one is in force.

Three kinds of things are looked at when the edition changes: what the alarm about a missing limit
names, overdue duties no superior was told of, and duties that began on or after the day the new
edition takes effect but were counted by another. So an edition corrects those before it as far
back as its effective date says; a duty that began earlier keeps the row it began with until its
case tells of something new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from uuid import UUID

from services.supervision.alarms import store as alarms
from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.store import reckoned
from services.supervision.duties.store.reckoned import Progress
from services.supervision.duties.use_cases.firing import RAISED, raise_untold
from services.supervision.duties.use_cases.reconciling import bring_in_line, groups_of
from services.supervision.facts import store as facts
from shared.db.unit_of_work import UnitOfWork
from shared.reference.editions import Edition
from shared.reference.limits import LimitRow, read_limits
from shared.vocabulary.duties import AlarmCode

STEP = 200
ROUNDS = 2
"""The second round, a minute later, meets what another process judged by the edition before while
this one already had the new one."""


async def reckon_again(uow: UnitOfWork, *, step: int = STEP) -> int:
    """One step: up to `step` things looked at; 0 when the round is done.

    Where it stands is kept with each step, so that it goes on there after a stop; a step that is
    repeated changes nothing."""
    edition = uow.reference.ids.get("limits", "")
    state = await reckoned.progress(uow.session, edition)
    if state.rounds >= ROUNDS:
        return 0
    done = (
        await _missing(uow, state, step)
        or await _untold(uow, state, step)
        or await _counted(uow, state, step)
    )
    if not done:
        state = Progress(edition, rounds=state.rounds + 1)
    await reckoned.note(uow.session, state)
    return done


async def _missing(uow: UnitOfWork, state: Progress, step: int) -> int:
    found = await reckoned.without_limit(uow.session, state.alarm, limit=step)
    if not found:
        return 0
    state.alarm = found[-1][0]
    subjects = {subject for _, subject in found if subject != RAISED}
    missing = await _reckon(uow, _ids(subjects, "petition"), _ids(subjects, "case"))
    gone = sorted(subjects - missing)
    await alarms.clear(uow.session, AlarmCode.LIMIT_MISSING, at=uow.clock.now(), only=gone)
    return len(found)


async def _untold(uow: UnitOfWork, state: Progress, step: int) -> int:
    if state.untold == str(UUID(int=0)) and not await alarms.is_open(
        uow.session, AlarmCode.LIMIT_MISSING, RAISED
    ):
        return 0
    found = await reckoned.untold(uow.session, state.untold, limit=step)
    if not found:
        return 0
    state.untold = str(found[-1].key.duty_id)
    if await raise_untold(uow, found):
        now = uow.clock.now()
        await alarms.clear(uow.session, AlarmCode.LIMIT_MISSING, at=now, only=[RAISED])
    return len(found)


async def _counted(uow: UnitOfWork, state: Progress, step: int) -> int:
    every = await reckoned.limit_editions(uow.session)
    mine = every.get(state.edition)
    if mine is None:
        return 0
    found = await reckoned.counted_by(
        uow.session,
        [each.edition_id for each in every.values() if _answer(each) != _answer(mine)],
        since=mine.effective_on,
        after=state.duty,
        limit=step,
    )
    if not found:
        return 0
    state.duty = str(found[-1].key.duty_id)
    await _reckon(uow, *_about(found))
    await reckoned.stamp(uow.session, [duty.key.duty_id for duty in found], state.edition)
    return len(found)


async def _reckon(
    uow: UnitOfWork, petitions: Collection[UUID], cases: Collection[UUID]
) -> set[str]:
    """Bring everything these belong to in line; subjects that still have no limit."""
    known = await facts.petitions(uow.session, petitions, lock=True)
    whole = {*cases, *(each.case_id for each in known.values() if each.case_id)}
    groups = await groups_of(uow, await facts.cases(uow.session, whole, lock=True), known.values())
    return await bring_in_line(uow, groups, again=True)


def _about(duties: Iterable[Duty]) -> tuple[set[UUID], set[UUID]]:
    petitions, cases = set(), set()
    for duty in duties:
        if duty.case_id is None:
            petitions.add(duty.key.subject_id)
        else:
            cases.add(duty.case_id)
    return petitions, cases


def _ids(subjects: Iterable[str], kind: str) -> set[UUID]:
    pairs = (subject.split("/", 1) for subject in subjects)
    return {UUID(each) for name, each in pairs if name == kind}


def _answer(edition: Edition) -> frozenset[LimitRow]:
    """What a table answers, without the words beside it."""
    rows = read_limits(edition.files["limits.csv"]).rows
    return frozenset(replace(row, article="", note="") for row in rows)
