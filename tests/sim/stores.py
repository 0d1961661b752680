"""The stores of supervision, analytics and intake over dictionaries, with the same functions.

The real use cases run on them unchanged, so what is simulated is their code and not a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

from services.analytics.domain.facts import Fact
from services.analytics.domain.kept import Place, Sums
from services.analytics.domain.parts import Facts, Part, Rank
from services.analytics.domain.rollup import Change as RollupChange
from services.analytics.handlers import projection
from services.analytics.use_cases import folding
from services.intake.petitions import handlers as intake_handlers
from services.routing.casework.acts import ending, hearing, reviewing, sharing, starting
from services.routing.papers.use_cases import notices
from services.supervision.duties.domain.duty import Duty
from services.supervision.duties.domain.reconciliation import Change
from services.supervision.duties.domain.stages import Warned, next_at
from services.supervision.duties.use_cases import firing, reconciling
from services.supervision.facts.store import KnownPetition, Ranked
from shared.vocabulary.duties import DutyKind, DutyState, Nature
from tests.sim.machinery import Tx


class MemoryFacts:
    """services.supervision.facts.store."""

    @staticmethod
    async def petitions(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, KnownPetition]:
        known = tx.table("petition")
        return {each: replace(known[each]) for each in sorted(set(ids)) if each in known}

    @staticmethod
    async def cases(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Ranked[Any]]:
        known = tx.table("case")
        return {each: known[each] for each in sorted(set(ids)) if each in known}

    @staticmethod
    async def save_petitions(tx: Tx, known: Sequence[KnownPetition]) -> None:
        tx.table("petition").update({each.petition_id: replace(each) for each in known})

    @staticmethod
    async def save_cases(tx: Tx, known: Mapping[UUID, Ranked[Any]]) -> None:
        tx.table("case").update(known)


def next_look(duty: Duty) -> datetime | None:
    """`next_at` as the rows have it."""
    return next_at(duty)


class MemoryDuties:
    """services.supervision.duties.store.duties."""

    @staticmethod
    async def about(tx: Tx, subjects: Iterable[UUID]) -> list[Duty]:
        wanted = set(subjects)
        return [duty for duty in tx.table("duty").values() if duty.key.subject_id in wanted]

    @staticmethod
    async def open_raised(tx: Tx, roots: Iterable[UUID]) -> list[Duty]:
        found = await MemoryDuties.about(tx, roots)
        return [d for d in found if d.state.is_open and d.key.kind is DutyKind.RAISED]

    @staticmethod
    async def by_ids(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Duty]:
        known = tx.table("duty")
        return {each: known[each] for each in sorted(set(ids)) if each in known}

    @staticmethod
    async def save(tx: Tx, changes: Sequence[Change], *, editions: Mapping[str, str]) -> None:
        table = tx.table("duty")
        for change in changes:
            duty_id = change.duty.key.duty_id
            if change.before is None and duty_id in table:
                raise AssertionError(f"duplicate key {change.duty.key}")
            table[duty_id] = change.duty

    @staticmethod
    async def fire_due(
        tx: Tx, now: datetime, *, limit: int, only: UUID | None = None
    ) -> list[Duty]:
        table = tx.table("duty")
        fired: list[Duty] = []
        for duty_id, duty in _due(table, now, only):
            if duty.due.at <= now and len(fired) < limit:
                window = duty.nature is Nature.WINDOW
                table[duty_id] = replace(
                    duty,
                    state=DutyState.LAPSED if window else DutyState.OVERDUE,
                    overdue_at=None if window else duty.due.at,
                    version=duty.version + 1,
                )
                fired.append(table[duty_id])
        return sorted(fired, key=lambda duty: duty.due.at)

    @staticmethod
    async def near_due(
        tx: Tx, now: datetime, *, limit: int, only: UUID | None = None
    ) -> list[Duty]:
        found = _due(tx.table("duty"), now, only)
        return [duty for _, duty in found if duty.due.at > now][:limit]

    @staticmethod
    async def save_warnings(tx: Tx, warned: Sequence[tuple[Duty, Warned]]) -> None:
        tx.table("duty").update({duty.key.duty_id: duty for duty, _ in warned})


def _due(table: dict[UUID, Duty], now: datetime, only: UUID | None) -> list[tuple[UUID, Duty]]:
    looks = ((next_look(duty), duty_id, duty) for duty_id, duty in table.items())
    due = [(at, str(duty_id), duty_id, duty) for at, duty_id, duty in looks if at and at <= now]
    return [(duty_id, duty) for _, _, duty_id, duty in sorted(due, key=lambda r: r[:2])
            if only in (None, duty_id)]  # fmt: skip


class MemoryAlarms:
    """services.supervision.alarms.store; the simulation only counts them."""

    @staticmethod
    async def sound(tx: Tx, sounded: Iterable[Any], **_: Any) -> None:
        table = tx.table("alarm")
        for alarm in sounded:
            key = (alarm.code, alarm.subject)
            table[key] = table.get(key, 0) + 1


class MemoryParts:
    """services.analytics.store.parts."""

    @staticmethod
    async def known(tx: Tx, parts: Iterable[Part]) -> dict[Any, tuple[Rank, tuple[UUID, ...]]]:
        table = tx.table("part")
        found = (table[part.key] for part in parts if part.key in table)
        return {part.key: (part.rank, part.petition_ids) for part in found}

    @staticmethod
    async def save(tx: Tx, parts: Sequence[Part], *, dropped: Sequence[Any]) -> None:
        tx.table("part").update({part.key: part for part in parts})

    @staticmethod
    async def of_petitions(tx: Tx, petition_ids: Iterable[UUID]) -> dict[UUID, list[Facts]]:
        wanted: dict[UUID, list[Facts]] = {each: [] for each in petition_ids}
        for part in tx.table("part").values():
            for petition_id in part.petition_ids:
                if petition_id in wanted:
                    wanted[petition_id].append(part.facts)
        return wanted


class MemoryCounts:
    """services.analytics.store.counts."""

    @staticmethod
    async def facts_of(tx: Tx, petition_ids: Iterable[UUID]) -> dict[UUID, Fact]:
        known = tx.table("fact")
        return {each: known[each] for each in petition_ids if each in known}

    @staticmethod
    async def save_facts(tx: Tx, facts: Iterable[tuple[UUID, Fact]]) -> None:
        tx.table("fact").update(facts)

    @staticmethod
    async def apply_change(tx: Tx, change: RollupChange) -> None:
        cells, days = tx.table("count"), tx.table("days")
        for cell, figures in change.touched():
            old = cells.get(cell, {})
            cells[cell] = {name: old.get(name, 0) + value for name, value in figures.items()}
            if cells[cell]["items"] == 0:
                del cells[cell]
        for key, items in change.touched_days():
            days[key] = days.get(key, 0) + items
            if days[key] == 0:
                del days[key]


class MemoryKept:
    """services.analytics.store.kept: sums as their text, so that a rollback takes them back."""

    @staticmethod
    async def apply(tx: Tx, changed: Mapping[Place, Sums]) -> None:
        table = tx.table("kept")
        for place, change in changed.items():
            sums = Sums.of_text(table.get(place, "{}"))
            sums.merge(change)
            table[place] = sums.to_text()
            if not table[place]:
                del table[place]


class MemoryGate:
    """services.analytics.store.gate, always open."""

    @staticmethod
    async def enter(_: Tx) -> bool:
        return True


async def keep_progress(
    tx: Tx, states: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]]
) -> None:
    """services.intake.petitions.store.petitions.keep_progress."""
    known, told = tx.table("progress"), tx.table("step")
    for state in states:
        rank = (state["epoch"], state["sequence"])
        old = known.get(state["petition_id"])
        if old is None or (old["epoch"], old["sequence"]) < rank:
            known[state["petition_id"]] = dict(state)
    for step in steps:
        told.setdefault((step["petition_id"], step["epoch"], step["sequence"]), dict(step))


async def next_number(_: Any, organ: str, kind: str, year: int) -> str:
    """services.routing.papers.use_cases.paper_numbers.next_number."""
    return f"{organ} {kind} {year}"


NAMING = (notices, starting, ending, hearing, reviewing, sharing)
"""Modules whose functions give ids."""


@contextmanager
def in_memory(ids: Callable[[], UUID]) -> Iterator[None]:
    """The use cases work on dictionaries, and name things by `ids`, while this lasts."""
    replaced: list[tuple[Any, str, Any]] = [
        (reconciling, "facts", MemoryFacts),
        (reconciling, "duties", MemoryDuties),
        (reconciling, "alarms", MemoryAlarms),
        (firing, "duties", MemoryDuties),
        (firing, "alarms", MemoryAlarms),
        (folding, "parts", MemoryParts),
        (folding, "counts", MemoryCounts),
        (folding, "kept", MemoryKept),
        (projection, "gate", MemoryGate),
        (intake_handlers, "keep_progress", keep_progress),
        (notices, "next_number", next_number),
        *(
            (module, "new_id", ids)
            for module in (notices, starting, ending, hearing, reviewing, sharing)
        ),
    ]
    with ExitStack() as stack:
        for module, name, memory in replaced:
            stack.enter_context(patch.object(module, name, memory))
        yield
