"""What an edition would change for the open cases, before it is published (dry run)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.case import Case
from services.routing.cases.domain.rules import due_of, jurisdiction
from services.routing.cases.store import cases
from services.routing.editions.use_cases.editions import Proposal, check
from shared.db.tables import CommonTables
from shared.kernel.clock import Clock
from shared.reference.checking.rows import RowChanges
from shared.reference.editions import Reference

AT_A_TIME: Final = 500
MOST: Final = 20_000
"""Open cases looked at; a deployment with more is told that the numbers are not all."""


@dataclass(slots=True)
class Trial:
    """What becomes of its rows, and counts by what they are before and after: due dates as (cases,
    earlier, later), competent organs as (undecided, decided)."""

    rows: RowChanges
    open_cases: int = 0
    complete: bool = True
    due_dates: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    destinations: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


async def try_out(
    session: AsyncSession,
    tables: CommonTables,
    reference: Reference,
    proposal: Proposal,
    *,
    clock: Clock,
) -> Trial:
    """Go through the open cases with both sets of rules. Raises Invalid for what would be refused
    when it is published."""
    rows = await check(session, tables, reference, proposal, clock=clock)
    changed = reference.with_edition(proposal.edition)
    on = max(clock.today(), proposal.edition.effective_on)
    trial, last = Trial(rows), None
    while trial.open_cases < MOST:
        found = await cases.open_after(session, last, limit=AT_A_TIME)
        for case in found:
            _compare(trial, case, reference, changed, on)
        trial.open_cases += len(found)
        if len(found) < AT_A_TIME:
            return trial
        last = found[-1].case_id
    trial.complete = not await cases.open_after(session, last, limit=1)
    return trial


def _compare(trial: Trial, case: Case, old: Reference, new: Reference, on: date) -> None:
    before, after = due_of(old, case), due_of(new, case)
    if before != after:
        key = (before.limit_id if before else "", after.limit_id if after else "")
        days = (before.on if before else date.max, after.on if after else date.max)
        n, earlier, later = trial.due_dates.get(key, (0, 0, 0))
        trial.due_dates[key] = (
            n + 1, earlier + (days[1] < days[0]), later + (days[1] > days[0]),
        )  # fmt: skip
    one, other = _competent(old, case, on), _competent(new, case, on)
    if one != other:
        undecided, decided = trial.destinations.get((one, other), (0, 0))
        waits = case.current is None
        trial.destinations[one, other] = (undecided + waits, decided + (not waits))


def _competent(reference: Reference, case: Case, on: date) -> str:
    if case.category_code is None:
        return ""
    organ = jurisdiction(reference).competent(case.division_code, case.category_code, on)
    return organ.code if organ else ""
