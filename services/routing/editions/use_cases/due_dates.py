"""The due dates in work lists after the rules changed: they were noted when a case was last saved.

A list shows what the case itself shows. Where no limit was known, where the clock began on or after
the day the new limits take effect, and where only the calendar changed, the date is noted anew; a
clock that began before keeps its date until the next step, as its duty in supervision does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from services.routing.cases.domain.due import runs_from
from services.routing.cases.domain.rules import due_of
from services.routing.cases.store import cases
from services.routing.editions.store import due_dates
from services.routing.tables import TABLES
from shared.db.engine import Database
from shared.db.notes import read_note, write_note
from shared.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from shared.reference.editions import Reference

NOTE: Final = "due_dates"
STEP: Final = 200
ROUNDS: Final = 2
"""The second round, a minute later, meets what another process dated by the editions before."""


@dataclass(slots=True)
class _Progress:
    """By which editions, how many rounds through all open cases, how far in this one; `all_of`
    them because the calendar alone changed."""

    limits: str
    calendar: str
    all_of: bool = False
    rounds: int = 0
    after: str = ""


async def date_again(database: Database, units: UnitOfWorkFactory, *, step: int = STEP) -> int:
    """One step through the open cases, kept with how far it came; 0 when the round is done."""
    reference = units.reference
    if reference is None:
        return 0
    async with database.reading() as session:
        state = _next(await read_note(session, TABLES, NOTE), reference)
    if state.rounds >= ROUNDS:
        return 0
    async with units.begin() as uow:
        done = await _step(uow, state, step)
        await write_note(uow.session, TABLES, NOTE, asdict(state))
    return done


def _next(noted: dict[str, object], reference: Reference) -> _Progress:
    limits, calendar = reference.ids["limits"], reference.ids["calendar"]
    if (noted.get("limits"), noted.get("calendar")) == (limits, calendar):
        return _Progress(**noted)  # type: ignore[arg-type]
    return _Progress(limits, calendar, all_of=noted.get("limits") == limits)


async def _step(uow: UnitOfWork, state: _Progress, step: int) -> int:
    reference, since = uow.reference, uow.reference.effective_on("limits")
    last = UUID(state.after) if state.after else None
    found = await cases.open_after(uow.session, last, limit=step)
    noted = await due_dates.of(uow.session, [case.case_id for case in found])
    for case in found:
        due = due_of(reference, case)
        old = noted[case.case_id]
        corrected = old.limit is None or state.all_of or runs_from(case) >= since
        if corrected and (old.on, old.limit) != due_dates.stored(due):
            await due_dates.set_for(uow.session, case.case_id, due, version=case.version)
    state.after = str(found[-1].case_id) if found else ""
    state.rounds += not found
    return len(found)
