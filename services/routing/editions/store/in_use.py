"""Which rows of the reference data open cases and posts stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.cases.domain.case_steps import ENDED
from services.routing.cases.store.cases import CASE, REFERRAL
from services.routing.tables import TABLES
from shared.reference.editions import Reference

POST = TABLES.post
_OPEN = CASE.c.state.not_in([str(state) for state in ENDED])


@dataclass(frozen=True, slots=True)
class InUse:
    """Codes that something open or valid names."""

    divisions: frozenset[str]
    organs: frozenset[str]
    categories: frozenset[str]

    def lost(self, before: Reference, after: Reference) -> list[str]:
        """Those that are in one set of reference data and no longer in the other."""
        return [
            *_gone(self.divisions, before.divisions.get, after.divisions.get),
            *_gone(self.organs, before.organs.get, after.organs.get),
            *_gone(self.categories, before.categories.get, after.categories.get),
        ]


async def in_use(session: AsyncSession, now: datetime) -> InUse:
    """The codes of open cases, of who holds or decides them, and of valid posts."""
    places = await _distinct(session, CASE.c.division_code, _OPEN)
    categories = await _distinct(session, CASE.c.category_code, _OPEN)
    organs: set[str] = set()
    for column in (CASE.c.organ_code, CASE.c.next_organ, CASE.c.decider, CASE.c.received_by):
        organs |= await _distinct(session, column, _OPEN)
    held = _OPEN & (REFERRAL.c.case_id == CASE.c.case_id) & REFERRAL.c.ended_on.is_(None)
    organs |= await _distinct(session, REFERRAL.c.organ_code, held)
    valid = or_(POST.c.valid_to.is_(None), POST.c.valid_to > now)
    organs |= await _distinct(session, POST.c.organ_code, valid)
    places |= await _distinct(session, POST.c.division_code, valid)
    return InUse(frozenset(places), frozenset(organs), frozenset(categories))


async def _distinct(session: AsyncSession, column: Any, condition: Any) -> set[str]:
    found = await session.scalars(select(column).where(condition).distinct())
    return {each for each in found if each is not None}


def _gone(
    codes: frozenset[str], before: Callable[[str], object], after: Callable[[str], object]
) -> list[str]:
    return sorted(code for code in codes if before(code) is not None and after(code) is None)
